/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/status.h"

#include <stddef.h>

/* -Wswitch-enum keeps this list complete; a value that is not in the enum
 * falls out of the switch and has no name. */
static const char *name_of(enum dg_status status)
{
    const char *name = NULL;

    switch (status) {
    case DG_OK:
        name = "DG_OK";
        break;
    case DG_E_USAGE:
        name = "DG_E_USAGE";
        break;
    case DG_E_TRUNCATED:
        name = "DG_E_TRUNCATED";
        break;
    case DG_E_TRAILING:
        name = "DG_E_TRAILING";
        break;
    case DG_E_RANGE:
        name = "DG_E_RANGE";
        break;
    case DG_E_MALFORMED:
        name = "DG_E_MALFORMED";
        break;
    case DG_E_UNSUPPORTED:
        name = "DG_E_UNSUPPORTED";
        break;
    case DG_E_AUTH:
        name = "DG_E_AUTH";
        break;
    case DG_E_REPLAY:
        name = "DG_E_REPLAY";
        break;
    case DG_E_PEER:
        name = "DG_E_PEER";
        break;
    case DG_E_STATE:
        name = "DG_E_STATE";
        break;
    case DG_E_NO_SPACE:
        name = "DG_E_NO_SPACE";
        break;
    case DG_E_PORT:
        name = "DG_E_PORT";
        break;
    case DG_E_CORRUPT:
        name = "DG_E_CORRUPT";
        break;
    default:
        break;
    }
    return name;
}

enum dg_category dg_status_category(enum dg_status status)
{
    if (name_of(status) == NULL) {
        return DG_CAT_CORRUPT;
    }
    return (enum dg_category)((unsigned)status >> 8);
}

const char *dg_status_name(enum dg_status status)
{
    const char *name = name_of(status);

    return (name == NULL) ? "DG_E_UNKNOWN" : name;
}
