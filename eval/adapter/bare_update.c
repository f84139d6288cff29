/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "eval/adapter/bare.h"
#include "eval/adapter/words.h"

/* A phone that carries a firmware update: offer, every part that the device
 * says is due, apply.  It understands nothing of what it carries. */
#define SECTOR    4096U
#define IMAGE_MAX 65536U
#define TRIES_MAX 3U
#define PARTS_ALL 1000000

static size_t read_file(const json_t *order, const char *key, dg_buf room)
{
    const char *path = json_string_value(json_object_get(order, key));
    const int fd = (path == NULL) ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t got = (fd < 0) ? -1 : read(fd, room.at, room.capacity);

    if (fd >= 0) {
        (void)close(fd);
    }
    return (got < 0) ? 0U : (size_t)got;
}

/* One request; what was lost is asked again, the device takes a part once. */
static bool ask(struct dg_bare *bare,
                enum dg_update_verb verb,
                uint32_t offset,
                dg_span bytes,
                struct dg_answer *answer)
{
    struct dg_request request;

    memset(&request, 0, sizeof request);
    request.kind = DG_REQUEST_UPDATE;
    request.as.update.verb = verb;
    request.as.update.has_offset = verb == DG_UPDATE_PART;
    request.as.update.offset = offset;
    request.as.update.size = (uint16_t)bytes.size;
    if (bytes.size > 0U) {
        memcpy(request.as.update.byte, bytes.at, bytes.size);
    }
    for (unsigned i = 0U; i < TRIES_MAX; i++) {
        if (dg_bare_ask(bare, &request, answer)) {
            return answer->kind == DG_ANSWER_UPDATE;
        }
    }
    return false;
}

static json_t *tell(const struct dg_answer *answer)
{
    static const char *const states[] = {
        "idle", "receiving", "ready", "waiting", "restarting"};
    json_t *told = dg_words_result(states[answer->as.update.state % 5U]);

    json_object_set_new(
        told, "why", json_integer((json_int_t)answer->as.update.why));
    json_object_set_new(
        told, "next", json_integer((json_int_t)answer->as.update.next));
    return told;
}

json_t *dg_bare_update(struct dg_bare *bare, const json_t *order)
{
    static uint8_t image[IMAGE_MAX];
    uint8_t manifest[DG_MANIFEST_MAX];
    const size_t manifest_size =
        read_file(order, "manifest", DG_BUF_OF(manifest));
    const size_t size = read_file(order, "image", DG_BUF_OF(image));
    const json_t *parts = json_object_get(order, "parts");
    const dg_span none = {NULL, 0U};
    long long left =
        json_is_integer(parts) ? json_integer_value(parts) : PARTS_ALL;
    struct dg_answer answer;

    if ((manifest_size == 0U) || (size == 0U)) {
        return dg_words_failure(
            "\"manifest\" and \"image\" must be files that can be read");
    }
    if (!ask(bare,
             DG_UPDATE_OFFER,
             0U,
             (dg_span){manifest, manifest_size},
             &answer)) {
        return dg_words_result("silent");
    }
    while ((answer.as.update.state == DG_UPDATE_RECEIVING) && (left > 0)) {
        const size_t next = answer.as.update.next;
        const size_t in_sector = SECTOR - (next % SECTOR);
        size_t part = (next < size) ? (size - next) : 0U;

        part = (part < DG_UPDATE_CHUNK) ? part : DG_UPDATE_CHUNK;
        part = (part < in_sector) ? part : in_sector;
        if (part == 0U) {
            break; /* the image is shorter than its manifest says */
        }
        if (!ask(bare,
                 DG_UPDATE_PART,
                 (uint32_t)next,
                 (dg_span){&image[next], part},
                 &answer)) {
            return dg_words_result("silent");
        }
        left--;
    }
    if ((answer.as.update.state != DG_UPDATE_IDLE) &&
        json_is_true(json_object_get(order, "apply")) &&
        !ask(bare, DG_UPDATE_APPLY, 0U, none, &answer)) {
        return dg_words_result("silent");
    }
    return tell(&answer);
}
