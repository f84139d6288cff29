/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/pairing_digits.h"

#include <string.h>

#include "hkdf.h"

/* Protocol, version and everything that the two ends could disagree about. */
static const uint8_t context[] =
    "dosegate pair digits 1, SPAKE2+ P-256 SHA-256, PBKDF2 1000";
static const uint8_t phone_name[] = "phone";
static const uint8_t secret_info[] = "dosegate pair digits 1";

struct dg_spake2plus_names dg_pairing_digits_names(
    const struct dg_device_id *device)
{
    const struct dg_spake2plus_names names = {
        {context, sizeof context - 1U},
        {phone_name, sizeof phone_name - 1U},
        DG_SPAN_OF(device->byte)};

    return names;
}

enum dg_status dg_pairing_digits_stretch(const struct dg_crypto *crypto,
                                         const struct dg_device_id *device,
                                         const struct dg_pairing_digits *digits,
                                         struct dg_spake2plus_secrets *secrets)
{
    if ((device == NULL) || (digits == NULL)) {
        return DG_E_USAGE;
    }
    for (size_t i = 0U; i < DG_PAIRING_DIGITS; i++) {
        if ((digits->digit[i] < (uint8_t)'0') ||
            (digits->digit[i] > (uint8_t)'9')) {
            return DG_E_RANGE;
        }
    }

    const struct dg_spake2plus_names names = dg_pairing_digits_names(device);

    return dg_spake2plus_stretch(crypto,
                                 DG_SPAN_OF(digits->digit),
                                 &names,
                                 DG_SPAN_OF(digits->salt),
                                 DG_PAIRING_ITERATIONS,
                                 secrets);
}

enum dg_status dg_pairing_digits_secret(const struct dg_crypto *crypto,
                                        const struct dg_secret *shared,
                                        uint8_t secret[DG_PAIRING_SECRET_SIZE])
{
    const dg_span info = {secret_info, sizeof secret_info - 1U};

    return dg_hkdf_expand(
        crypto, shared, &info, 1U, (dg_buf){secret, DG_PAIRING_SECRET_SIZE});
}
