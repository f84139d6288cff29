/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dosegate/update.h"
#include "place.h"
#include "talk.h"
#include "verbs.h"

#define ANSWER_MS 20000
#define SECTOR    4096U /* a part does not cross it */
#define IMAGE_MAX ((size_t)4 * 1024 * 1024)
#define STALLS    20U /* parts in a row that moved nothing */
#define POLL_US   500000U
#define POLLS     ((DG_UPDATE_WAIT_S + 10U) * 2U)

static const char help[] =
    "usage: dosegate update FILE [--image FILE] [--dir DIR]\n"
    "       dosegate update --query | --abandon [--dir DIR]\n"
    "\n"
    "Carry a firmware update to the pump.  FILE is the manifest that the "
    "maker\n"
    "signed, NAME.manifest; the image is NAME.image beside it, or --image.  "
    "The\n"
    "pump checks both, and a person at the pump presses its button before\n"
    "anything changes.  A transfer that broke off goes on where it was.\n"
    "\n"
    "  --query    how far an update has come\n"
    "  --abandon  forget one that is not applied yet\n";

struct bytes {
    uint8_t *at;
    size_t size;
};

static bool read_file(const char *path, size_t most, struct bytes *bytes)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = -1;

    bytes->size = 0;
    bytes->at = malloc(most + 1U);
    while ((fd >= 0) && (bytes->at != NULL) && (bytes->size <= most)) {
        got = read(fd, &bytes->at[bytes->size], most + 1U - bytes->size);
        if (got <= 0) {
            break;
        }
        bytes->size += (size_t)got;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    if ((fd < 0) || (got != 0) || (bytes->size == 0U) || (bytes->size > most)) {
        (void)fprintf(stderr,
                      "dosegate update: %s must be a file of 1 to %zu bytes\n",
                      path,
                      most);
        return false;
    }
    return true;
}

/* One exchange about an update; the caller owns the reply, NULL: silence. */
static json_t *say(struct dg_cli_talk *gateway,
                   const char *verb,
                   long long offset,
                   const uint8_t *bytes,
                   size_t size)
{
    char hex[(2U * DG_UPDATE_CHUNK) + 1U] = "";
    char line[700];
    int used = snprintf(
        line, sizeof(line), "{\"op\":\"update\",\"verb\":\"%s\"", verb);

    for (size_t i = 0; i < size; i++) {
        (void)snprintf(&hex[2U * i], 3U, "%02x", bytes[i]);
    }
    if (size > 0U) {
        used += snprintf(
            &line[used], sizeof(line) - (size_t)used, ",\"bytes\":\"%s\"", hex);
    }
    if (offset >= 0) {
        used += snprintf(&line[used],
                         sizeof(line) - (size_t)used,
                         ",\"offset\":%lld",
                         offset);
    }
    (void)snprintf(&line[used], sizeof(line) - (size_t)used, "}");

    return dg_cli_talk_ask(gateway, line, ANSWER_MS);
}

/* The same; NULL after a complaint. */
static json_t *ask(struct dg_cli_talk *gateway,
                   const char *verb,
                   long long offset,
                   const uint8_t *bytes,
                   size_t size)
{
    json_t *reply = say(gateway, verb, offset, bytes, size);

    if (!json_is_true(json_object_get(reply, "ok"))) {
        dg_cli_complain(reply);
        json_decref(reply);
        return NULL;
    }
    return reply;
}

static const json_t *progress(const json_t *reply)
{
    return json_object_get(reply, "update");
}

static bool is_state(const json_t *reply, const char *state)
{
    return strcmp(dg_cli_text(progress(reply), "state"), state) == 0;
}

static const char *why_text(long long why)
{
    static const char *const words[] = {
        "nothing speaks against it",
        "this pump cannot be updated",
        "the firmware that runs is still on trial: wait ten minutes",
        "the manifest is not the maker's",
        "it is for another device",
        "it is not newer than what runs",
        "its security counter is below the pump's",
        "it is too large",
        "it cannot read the pump's settings",
        "it needs a newer protocol than this phone speaks",
        "out of order",
        "the image is not what the manifest says",
        "the pump's flash or crypto failed",
        "a dose is under way: try again after it",
        "nobody pressed the pump's button",
    };

    return ((why >= 0) && ((size_t)why < sizeof(words) / sizeof(words[0])))
               ? words[why]
               : "the pump does not say why";
}

static int refused(const json_t *reply)
{
    (void)fprintf(stderr,
                  "dosegate update: not taken: %s\n",
                  why_text(dg_cli_int(progress(reply), "why")));
    return DG_CLI_FAILED;
}

/* Every part that the pump says is due; the last answer, NULL after a
 * complaint. */
static json_t *send_image(struct dg_cli_talk *gateway,
                          const struct bytes *image,
                          json_t *reply)
{
    unsigned stalls = 0;

    while ((reply != NULL) && is_state(reply, "receiving")) {
        const size_t next = (size_t)dg_cli_int(progress(reply), "next");
        const size_t in_sector = SECTOR - (next % SECTOR);
        size_t part = (next < image->size) ? (image->size - next) : 0U;

        part = (part < DG_UPDATE_CHUNK) ? part : DG_UPDATE_CHUNK;
        part = (part < in_sector) ? part : in_sector;
        json_decref(reply);
        if (part == 0U) {
            (void)fprintf(stderr,
                          "dosegate update: the image is shorter than its "
                          "manifest says\n");
            return NULL;
        }
        reply = ask(gateway, "part", (long long)next, &image->at[next], part);
        stalls = ((size_t)dg_cli_int(progress(reply), "next") == next)
                     ? stalls + 1U
                     : 0U;
        if (stalls == STALLS) {
            (void)fprintf(stderr, "dosegate update: the pump takes no part\n");
            json_decref(reply);
            return NULL;
        }
    }
    return reply;
}

/* The button decides; then the pump is gone for its restart. */
static int wait_for_button(struct dg_cli_talk *gateway)
{
    (void)printf("The pump has all of it.  Press the button on the pump within "
                 "two minutes.\n");
    (void)fflush(stdout);
    for (unsigned i = 0; i < POLLS; i++) {
        (void)usleep(POLL_US);

        /* No answer is how a restart looks from here. */
        json_t *reply = say(gateway, "query", -1, NULL, 0);
        const bool is_waiting = is_state(reply, "waiting");
        const long long why = dg_cli_int(progress(reply), "why");

        json_decref(reply);
        if (is_waiting) {
            continue;
        }
        if (why == DG_UPDATE_UNPRESSED) {
            (void)fprintf(stderr, "dosegate update: %s\n", why_text(why));
            return DG_CLI_FAILED;
        }
        (void)printf("The pump restarts with it, on trial for ten minutes.\n");
        return DG_CLI_OK;
    }
    (void)fprintf(stderr, "dosegate update: the pump still waits\n");
    return DG_CLI_FAILED;
}

static int carry(struct dg_cli_talk *gateway,
                 const struct bytes *manifest,
                 const struct bytes *image)
{
    json_t *reply = ask(gateway, "offer", -1, manifest->at, manifest->size);
    int code = DG_CLI_FAILED;

    reply = send_image(gateway, image, reply);
    if (reply == NULL) {
        return DG_CLI_FAILED;
    }
    if (!is_state(reply, "ready")) {
        code = refused(reply);
        json_decref(reply);
        return code;
    }
    json_decref(reply);
    reply = ask(gateway, "apply", -1, NULL, 0);
    if ((reply != NULL) && is_state(reply, "waiting")) {
        code = wait_for_button(gateway);
    } else if (reply != NULL) {
        code = refused(reply);
    }
    json_decref(reply);
    return code;
}

/* NAME.manifest -> NAME.image */
static bool image_beside(const char *manifest, char path[DG_CLI_PATH_MAX])
{
    const char *end = strrchr(manifest, '.');
    const size_t stem = (end == NULL) ? 0U : (size_t)(end - manifest);

    if ((end == NULL) || (strcmp(end, ".manifest") != 0) ||
        (stem + sizeof(".image") > DG_CLI_PATH_MAX)) {
        (void)fprintf(stderr,
                      "dosegate update: FILE must end in .manifest, or write "
                      "--image\n");
        return false;
    }
    (void)snprintf(path, DG_CLI_PATH_MAX, "%.*s.image", (int)stem, manifest);
    return true;
}

static int tell(struct dg_cli_talk *gateway, const char *verb)
{
    json_t *reply = ask(gateway, verb, -1, NULL, 0);

    if (reply == NULL) {
        return DG_CLI_FAILED;
    }
    (void)printf("%s, byte %lld of %lld, %s\n",
                 dg_cli_text(progress(reply), "state"),
                 dg_cli_int(progress(reply), "next"),
                 dg_cli_int(progress(reply), "size"),
                 why_text(dg_cli_int(progress(reply), "why")));
    json_decref(reply);
    return DG_CLI_OK;
}

static int update(const char *dir, const char *file, const char *given)
{
    struct dg_cli_talk gateway;
    struct bytes manifest = {NULL, 0};
    struct bytes image = {NULL, 0};
    char beside[DG_CLI_PATH_MAX];
    int code = DG_CLI_FAILED;

    if ((given == NULL) && !image_beside(file, beside)) {
        return DG_CLI_FAILED;
    }
    if (read_file(file, DG_MANIFEST_MAX, &manifest) &&
        read_file((given == NULL) ? beside : given, IMAGE_MAX, &image) &&
        dg_cli_gateway(&gateway, dir)) {
        code = carry(&gateway, &manifest, &image);
        dg_cli_talk_close(&gateway);
    }
    free(manifest.at);
    free(image.at);
    return code;
}

int dg_cli_update(int argc, char **argv)
{
    const char *asked = NULL;
    const char *file = NULL;
    const char *image = NULL;
    bool query = false;
    bool abandon = false;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL},
                                            {"--image", &image, NULL},
                                            {"--query", NULL, &query},
                                            {"--abandon", NULL, &abandon}};
    char dir[DG_CLI_PATH_MAX];
    struct dg_cli_talk gateway;
    const int read = dg_cli_options(argc, argv, help, options, 4, &file);
    int code = DG_CLI_FAILED;

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (((file != NULL) + (query ? 1 : 0) + (abandon ? 1 : 0)) != 1) {
        (void)fprintf(stderr,
                      "dosegate update: write a FILE, --query or --abandon\n");
        return DG_CLI_FAILED;
    }
    if (!dg_cli_place(asked, dir)) {
        return DG_CLI_FAILED;
    }
    if (file != NULL) {
        return update(dir, file, image);
    }
    if (dg_cli_gateway(&gateway, dir)) {
        code = tell(&gateway, query ? "query" : "abandon");
        dg_cli_talk_close(&gateway);
    }
    return code;
}
