/* SPDX-License-Identifier: Apache-2.0 */
#include "pair_store.h"

#include <string.h>

#define FILE_NAME "phone"

static const uint8_t magic[8] = {'D', 'G', 'P', 'H', 'O', 'N', 'E', '3'};

/* magic, method, private key, public key, device, its key, knock key, counter, slot */
#define BODY_SIZE \
    (8U + 1U + 32U + 64U + DG_DEVICE_ID_SIZE + 64U + 32U + 4U + 1U)

struct image {
    uint8_t byte[BODY_SIZE];
    size_t used;
};

static void put(struct image *image, const void *from, size_t size)
{
    memcpy(&image->byte[image->used], from, size);
    image->used += size;
}

static void get(struct image *image, void *to, size_t size)
{
    memcpy(to, &image->byte[image->used], size);
    image->used += size;
}

static void parse(struct image *image, struct dg_phone *phone)
{
    uint8_t counter[4];
    uint8_t method = 0;

    image->used = sizeof(magic);
    get(image, &method, 1);
    phone->method = (enum dg_method)method;
    get(image, phone->private_key.byte, sizeof(phone->private_key.byte));
    get(image, phone->public_key.x, sizeof(phone->public_key.x));
    get(image, phone->public_key.y, sizeof(phone->public_key.y));
    get(image, phone->device.byte, sizeof(phone->device.byte));
    get(image, phone->device_key.x, sizeof(phone->device_key.x));
    get(image, phone->device_key.y, sizeof(phone->device_key.y));
    get(image, phone->knock_key.byte, sizeof(phone->knock_key.byte));
    get(image, counter, sizeof(counter));
    get(image, &phone->slot, 1);
    phone->knock_counter = ((uint32_t)counter[0] << 24U) |
                           ((uint32_t)counter[1] << 16U) |
                           ((uint32_t)counter[2] << 8U) | counter[3];
}

enum dg_status dg_pair_store_load(const struct dg_vault *vault,
                                  struct dg_phone *phone)
{
    struct image image = {.used = 0};
    enum dg_status status =
        dg_vault_read(vault, FILE_NAME, DG_BUF_OF(image.byte));

    if (status == DG_OK) {
        if (memcmp(image.byte, magic, sizeof(magic)) != 0) {
            status = DG_E_CORRUPT;
        } else {
            parse(&image, phone);
        }
    }
    explicit_bzero(&image, sizeof(image));
    return status;
}

enum dg_status dg_pair_store_save(const struct dg_vault *vault,
                                  const struct dg_phone *phone)
{
    const uint8_t counter[4] = {(uint8_t)(phone->knock_counter >> 24U),
                                (uint8_t)(phone->knock_counter >> 16U),
                                (uint8_t)(phone->knock_counter >> 8U),
                                (uint8_t)phone->knock_counter};
    struct image image = {.used = 0};
    const uint8_t method = (uint8_t)phone->method;

    put(&image, magic, sizeof(magic));
    put(&image, &method, 1);
    put(&image, phone->private_key.byte, sizeof(phone->private_key.byte));
    put(&image, phone->public_key.x, sizeof(phone->public_key.x));
    put(&image, phone->public_key.y, sizeof(phone->public_key.y));
    put(&image, phone->device.byte, sizeof(phone->device.byte));
    put(&image, phone->device_key.x, sizeof(phone->device_key.x));
    put(&image, phone->device_key.y, sizeof(phone->device_key.y));
    put(&image, phone->knock_key.byte, sizeof(phone->knock_key.byte));
    put(&image, counter, sizeof(counter));
    put(&image, &phone->slot, 1);

    const enum dg_status status =
        dg_vault_write(vault, FILE_NAME, DG_SPAN_OF(image.byte));

    explicit_bzero(&image, sizeof(image));
    return status;
}
