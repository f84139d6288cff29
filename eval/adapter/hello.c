/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/words.h"

/* Who the product is. */

/* What this product has, in the words of spec/features.yaml. */
static json_t *claims(void)
{
    static const char *const words[] = {
        "pairing", "sensor",    "lease",       "temp-basal",
        "suspend", "update",    "journal",     "extended-bolus",
        "button",  "sounder",   "rekey",       "emergency-bolus",
        "prime",   "profile",   "attestation", "phone-domain",
        "clock",   "occlusion", "battery",     "glucagon",
    };
    json_t *list = json_array();

    for (size_t i = 0U; i < (sizeof words / sizeof words[0]); i++) {
        (void)json_array_append_new(list, json_string(words[i]));
    }
    return list;
}

json_t *dg_words_hello(const char *digest)
{
    return json_pack(
        "{s:b, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, "
        "s:[s,s], s:o}",
        "ok",
        1,
        "contract",
        1,
        "name",
        "Dosegate virtual pump",
        "maker",
        "the Dosegate authors",
        "version",
        "0.1.0",
        "firmware_digest",
        digest,
        "function_class",
        "automated insulin delivery, one or two hormones",
        "platform",
        "Linux with seccomp and Landlock, standing in for a phone",
        "phone_lost",
        "The pump goes on with its own basal programme; a person at the pump "
        "can stop any bolus and pair another phone.",
        "phone_starved",
        "Nothing the phone fails to do changes basal; automatic doses end "
        "when readings or the lease run out.",
        "update_mode",
        "none in this release",
        "support_end",
        "not stated: research software",
        "contact",
        "see SECURITY.md",
        "interfaces",
        "datagram link to the phone",
        "button, display and sounder on the pump",
        "features",
        claims());
}
