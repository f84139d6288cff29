/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_STATUS_H
#define DG_STATUS_H

#if defined(__GNUC__)
#define DG_NODISCARD __attribute__((warn_unused_result))
#else
#define DG_NODISCARD
#endif

/* What became of a call.  The high byte is the category, and the category
 * alone decides what a caller does. */
enum dg_status {
    DG_OK = 0x0000,

    DG_E_USAGE = 0x0101, /* caller broke the contract: fix the caller       */

    DG_E_TRUNCATED = 0x0201,   /* untrusted bytes: drop, count, log         */
    DG_E_TRAILING = 0x0202,    /* ... more bytes than the message has       */
    DG_E_RANGE = 0x0203,       /* ... a field outside its documented range  */
    DG_E_MALFORMED = 0x0204,   /* ... wrong type, order or encoding         */
    DG_E_UNSUPPORTED = 0x0205, /* ... well formed, but not a thing we do    */

    DG_E_AUTH = 0x0301,   /* peer not proven: drop, end the session         */
    DG_E_REPLAY = 0x0302, /* ... a counter that was already used            */
    DG_E_PEER = 0x0303,   /* ... our own process broke the rules: end it    */

    DG_E_STATE = 0x0401, /* event refused in this state: nothing changed    */

    DG_E_NO_SPACE = 0x0501, /* caller's buffer too small: nothing written   */

    DG_E_PORT = 0x0601, /* a platform service failed: bounded retry, stop   */

    DG_E_CORRUPT = 0x0701, /* an invariant is broken: enter the safe state  */
};

enum dg_category {
    DG_CAT_OK = 0,
    DG_CAT_USAGE = 1,
    DG_CAT_INPUT = 2,
    DG_CAT_AUTH = 3,
    DG_CAT_STATE = 4,
    DG_CAT_SPACE = 5,
    DG_CAT_PORT = 6,
    DG_CAT_CORRUPT = 7,
};

/**
 * Give the category of a status.
 *
 * @param status  Any value; one that is not in the enum counts as corrupt.
 *
 * @return The category: the high byte of @p status.
 */
enum dg_category dg_status_category(enum dg_status status);

/**
 * Give the name of a status, for logs and tests; never for the peer.
 *
 * @param status  Any value.
 *
 * @return A constant string, "DG_E_UNKNOWN" for a value not in the enum.
 */
const char *dg_status_name(enum dg_status status);

#endif
