/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/words.h"

#include <string.h>

/* Who the product is. */

/* What this product has, in the words of spec/features.yaml. */
static json_t *claims(bool is_fixed)
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
        if (!is_fixed || (strcmp(words[i], "update") != 0)) {
            (void)json_array_append_new(list, json_string(words[i]));
        }
    }
    return list;
}

/* What no test can find out, under the names of the label (docs/outputs.md).  What
 * is not here is not stated. */
static json_t *statements(void)
{
    static const char *const said[][2] = {
        {"Model", "virtual; there is one"},
        {"Oldest patch level", "as the pump's signed platform policy says"},
        {"Phone evaluated", "no: a Linux machine stands for it"},
        {"Isolation on the phone",
         "processes under seccomp, Landlock and namespaces"},
        {"Commands checked by the device itself",
         "yes: every command, against authority, limits and ledger"},
        {"Safe state", "basal by its schedule, no doses, an alarm"},
        {"Emergency action without authentication",
         "yes, at the pump: stop, a small bolus, a rescue dose"},
        {"Default password", "there is none; pairing needs a hand at the pump"},
        {"How to report a loss",
         "at the pump's buttons, or from the owner's other phone"},
        {"List of hardware components", "none: it is virtual"},
        {"Kinds collected", "doses, readings, alarms, names of phones"},
        {"Stored where", "in the pump; on the phone sealed under its key"},
        {"Shared with",
         "nobody; an attestation service sees evidence about the phone"},
        {"Kept for", "until the pump's journal is full of newer entries"},
        {"Works offline", "yes"},
        {"Further information", "README.md and CAVEATS.md"},
    };
    json_t *object = json_object();

    for (size_t i = 0U; i < (sizeof said / sizeof said[0]); i++) {
        (void)json_object_set_new(object, said[i][0], json_string(said[i][1]));
    }
    return object;
}

json_t *dg_words_hello(const char *digest, bool is_fixed)
{
    return json_pack(
        "{s:b, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, "
        "s:[s,s], s:o, s:o}",
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
        is_fixed
            ? "none: the program of this pump cannot be replaced"
            : "carried by the phone, signed by the maker, pressed at the pump",
        "support_end",
        "not stated: research software",
        "contact",
        "see SECURITY.md",
        "interfaces",
        "datagram link to the phone",
        "button, display and sounder on the pump",
        "features",
        claims(is_fixed),
        "claims",
        statements());
}
