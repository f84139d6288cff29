/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/position.h"

#include <stddef.h>
#include <string.h>

struct position {
    char code[3];
    const char *name;
};

static const struct position positions[] = {
    {"NE", "listens to the radio"},
    {"NA", "sends, alters or relays on the radio"},
    {"PH", "holds the device or the phone"},
    {"MA", "runs a malicious app on the phone"},
    {"PM", "controls the phone's system"},
    {"PE", "is a malicious or faulty peer or sensor"},
    {"RS", "starves the phone or device of resources"},
    {"PR", "observes the person"},
    {"UE", "is the user, making a mistake"},
    {"PU", "is an update of the platform"},
    {"PW", "is a loss of power"},
    {"LL", "is a loss of the link"},
    {"SW", "is a fault in the software"},
};

const char *dg_position_name(const char *code)
{
    for (size_t i = 0; i < (sizeof(positions) / sizeof(positions[0])); i++) {
        if (strcmp(positions[i].code, code) == 0) {
            return positions[i].name;
        }
    }
    return NULL;
}
