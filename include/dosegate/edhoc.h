/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EDHOC_H
#define DG_EDHOC_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/credential.h"
#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* EDHOC (RFC 9528), method 3 (static Diffie-Hellman on both sides) and method 0
 * (signatures on both sides), suites 2 and 3, message_4 always.  Bytes in,
 * bytes out: no callbacks, no transport.  Each end is told its one method
 * before it begins; it is never negotiated.
 *
 *   Initiator: message_1 -> read_message_2 -> (look the peer up) ->
 *              verify_message_2 -> message_3 -> read_message_4 -> exporter
 *   Responder: read_message_1 -> message_2 -> read_message_3 ->
 *              (look the peer up) -> verify_message_3 -> message_4 -> exporter
 *
 * Between read and verify nothing that was read may be believed: it serves
 * only to look up the peer's credential.
 *
 * For every function: a context that is out of step answers DG_E_STATE and
 * stays as it is, as after DG_E_USAGE; any other failure wipes the context,
 * and the next thing it accepts is a start.  Outputs are {NULL, 0} unless
 * DG_OK.
 *
 * Credentials are passed as the encoded bytes that enter the transcript
 * (CRED_x) together with ID_CRED_x, so that published vectors run unchanged. */

#define DG_EDHOC_EAD_MAX            320U /* one EAD field of one message, bytes     */
#define DG_EDHOC_CRED_MAX           160U /* CRED_x, bytes                           */
#define DG_EDHOC_ID_CRED_MAX        160U /* ID_CRED_x, bytes (kccs carries the CCS) */
#define DG_EDHOC_CONNECTION_MAX     8U
#define DG_EDHOC_KID_MAX            32U
#define DG_EDHOC_KID_MAP_MAX        (DG_EDHOC_KID_MAX + 4U)
#define DG_EDHOC_SUITES_MAX         8U
#define DG_EDHOC_UPDATE_CONTEXT_MAX 64U
/* Longest PLAINTEXT_2 or _3: C_R, ID_CRED, signature and EAD, bytes. */
#define DG_EDHOC_PLAIN_MAX 568U
/* Longest message we send or accept, bytes. */
#define DG_EDHOC_MESSAGE_MAX 768U

/* What this end brings. */
struct dg_edhoc_self {
    struct dg_secret private_key;
    struct dg_public_key public_key;
    dg_span id_cred; /* encoded {4: kid} or {14: CCS}: a1 04 41 10 */
    dg_span cred;    /* encoded CCS */
};

/* What this end believes of the peer, once looked up. */
struct dg_edhoc_peer {
    struct dg_public_key public_key;
    dg_span cred;
};

/* The method, and suites, most preferred first; the protocol never goes below
 * what a peer was paired with (the caller pins a list of one for that).  An Initiator may list
 * suites that this build lacks before the one it selects; a Responder lists
 * only 2 and 3. */
struct dg_edhoc_suites {
    uint8_t count; /* 1 .. DG_EDHOC_SUITES_MAX */
    int8_t suite[DG_EDHOC_SUITES_MAX];
    enum dg_method method; /* the only one: another is refused */
};

enum dg_edhoc_state {
    DG_EDHOC_NONE = 0, /* wiped: refuses everything but a start */
    DG_EDHOC_I_WAIT_2,
    DG_EDHOC_I_VERIFY_2,
    DG_EDHOC_I_SEND_3,
    DG_EDHOC_I_WAIT_4,
    DG_EDHOC_R_SEND_2,
    DG_EDHOC_R_WAIT_3,
    DG_EDHOC_R_VERIFY_3,
    DG_EDHOC_R_SEND_4,
    DG_EDHOC_DONE,
};

/* One handshake.  Members are public but not yours; the size is asserted in
 * the source so that growth is a diff.  All zero is DG_EDHOC_NONE. */
struct dg_edhoc {
    enum dg_edhoc_state state;
    int8_t suite;                      /* 2 or 3                             */
    enum dg_method method;             /* as both ends were told             */
    struct dg_secret ephemeral;        /* X or Y                             */
    uint8_t ephemeral_x[DG_P256_SIZE]; /* own G_X or G_Y                     */
    uint8_t peer_x[DG_P256_SIZE];      /* the peer's G_Y or G_X              */
    struct dg_hash th;                 /* H(message_1), then TH_2, 3, 4      */
    struct dg_secret prk;              /* PRK_2e, PRK_3e2m, PRK_4e3m         */
    struct dg_secret prk_exporter;     /* once DG_EDHOC_DONE                 */
    struct dg_secret prk_out;          /* once DG_EDHOC_DONE, for KeyUpdate  */
    uint16_t plain_size;               /* plaintext between read and verify, */
    uint8_t plain[DG_EDHOC_PLAIN_MAX]; /* or the EAD of messages 1 and 4     */
    uint8_t kid_map[DG_EDHOC_KID_MAP_MAX]; /* ID_CRED restored from a kid    */
};

/* What a Responder has to keep between message_2 and message_3, an eighth of
 * the whole: a device may have one handshake with each phone under way, and
 * works on one message at a time.  All zero: none. */
struct dg_edhoc_pending {
    bool is_open;
    int8_t suite;
    enum dg_method method;
    struct dg_secret ephemeral; /* Y        */
    struct dg_hash th;          /* TH_3     */
    struct dg_secret prk;       /* PRK_3e2m */
};

/* What a read hands up.  Spans lie inside the context; a verify that succeeds
 * leaves them, the next message that is written and every failure ends them.
 * Nothing of it may be believed before verify. */
struct dg_edhoc_claim {
    dg_span id_cred; /* as the encoded map, kid restored to {4: kid}         */
    dg_span ead;     /* EAD items as received; {NULL, 0} when absent         */
};

/* Initiator ------------------------------------------------------------- */

/**
 * Start a handshake and write message_1.
 *
 * @param suites      This end's suites, most preferred first.
 * @param selected    Index in @p suites of the suite to use; all before it are
 *                    listed as well, as the standard asks.
 * @param connection  C_I, 0 .. DG_EDHOC_CONNECTION_MAX bytes, not NULL.
 * @param ead_1       Encoded EAD items, sent in the clear; may be {NULL, 0}.
 *
 * @retval DG_OK             @p message_1 is inside @p room.
 * @retval DG_E_USAGE        A NULL, an argument outside its range, or EAD that
 *                           is no sequence of EAD items.
 * @retval DG_E_UNSUPPORTED  The selected suite is neither 2 nor 3.
 * @retval DG_E_STATE        Not a wiped context.
 * @retval DG_E_NO_SPACE     @p room is too small.
 * @retval DG_E_PORT         The crypto port failed.
 */
DG_NODISCARD enum dg_status dg_edhoc_i_message_1(
    struct dg_edhoc *edhoc,
    const struct dg_crypto *crypto,
    const struct dg_edhoc_suites *suites,
    unsigned selected,
    dg_span connection,
    dg_span ead_1,
    dg_buf room,
    dg_span *message_1);

/**
 * Read message_2 up to the point where R's credential must be looked up.
 *
 * An EDHOC error in place of message_2 is DG_E_MALFORMED here and wipes the
 * context; dg_edhoc_i_read_error() then tells whether another suite may help.
 *
 * @retval DG_OK             @p claim says who R claims to be.
 * @retval DG_E_USAGE        A NULL.
 * @retval DG_E_STATE        Out of step.
 * @retval DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED
 *                           Not the deterministic encoding of a message_2;
 *                           what decrypts to noise ends here too.
 * @retval DG_E_RANGE        G_Y is no point, or a part is too long or short.
 * @retval DG_E_UNSUPPORTED  ID_CRED_R is neither a kid nor a CCS by value.
 * @retval DG_E_AUTH         G_Y is our own G_X.
 * @retval DG_E_PORT         The crypto port failed.
 */
DG_NODISCARD enum dg_status dg_edhoc_i_read_message_2(
    struct dg_edhoc *edhoc,
    const struct dg_crypto *crypto,
    dg_span message_2,
    struct dg_edhoc_claim *claim);

/**
 * Verify message_2 against the credential that was looked up.
 *
 * @retval DG_OK       R holds the private key of @p peer and took part.
 * @retval DG_E_USAGE  A NULL, or a credential that is empty or too long.
 * @retval DG_E_STATE  Out of step.
 * @retval DG_E_AUTH   MAC_2 or the signature does not hold, the credential sent
 *                     by value is another one, or the peer is this end itself.
 * @retval DG_E_RANGE  The key of @p peer is no point of the curve.
 * @retval DG_E_PORT   The crypto port failed.
 */
DG_NODISCARD enum dg_status dg_edhoc_i_verify_message_2(
    struct dg_edhoc *edhoc,
    const struct dg_crypto *crypto,
    const struct dg_edhoc_self *self,
    const struct dg_edhoc_peer *peer);

/**
 * Write message_3.
 *
 * @param ead_3  Encoded EAD items, at most DG_EDHOC_EAD_MAX bytes, sent
 *               encrypted; may be {NULL, 0}.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_STATE, DG_E_NO_SPACE, DG_E_PORT, as
 *         dg_edhoc_i_message_1(); DG_E_USAGE also for an id_cred that is
 *         neither {4: kid} nor {14: CCS}.
 */
DG_NODISCARD enum dg_status dg_edhoc_i_message_3(
    struct dg_edhoc *edhoc,
    const struct dg_crypto *crypto,
    const struct dg_edhoc_self *self,
    dg_span ead_3,
    dg_buf room,
    dg_span *message_3);

/**
 * Read and verify message_4: only now the exporter works.
 *
 * @param[out] claim  EAD_4, authentic; id_cred is {NULL, 0}.
 *
 * @retval DG_OK      R has the keys.
 * @retval DG_E_AUTH  The tag does not hold.
 * @retval others     As dg_edhoc_i_read_message_2().
 */
DG_NODISCARD enum dg_status dg_edhoc_i_read_message_4(
    struct dg_edhoc *edhoc,
    const struct dg_crypto *crypto,
    dg_span message_4,
    struct dg_edhoc_claim *claim);

/**
 * Read an error that came in place of message_2, and choose what to try next.
 *
 * Errors are not authenticated: a forged one can only make us list a suite
 * that we have behind one that we like better, and an honest R that has the
 * better one refuses that.
 *
 * @param suites         The list given to dg_edhoc_i_message_1().
 * @param error          The EDHOC error message.
 * @param[out] selected  Index of the suite to select in a new session.
 *
 * @retval DG_OK             Start again with @p selected, if it differs from
 *                           what was tried.
 * @retval DG_E_USAGE        A NULL.
 * @retval DG_E_UNSUPPORTED  Another error, or no suite in common: give up.
 * @retval DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED, DG_E_RANGE
 *                           Not an EDHOC error.
 */
DG_NODISCARD enum dg_status dg_edhoc_i_read_error(
    const struct dg_edhoc_suites *suites, dg_span error, unsigned *selected);

/* Responder ------------------------------------------------------------- */

/**
 * Read message_1, and make the ephemeral key.
 *
 * @param suites      What this end accepts; 2 and 3 only.
 * @param[out] claim  EAD_1, which anybody may have written; id_cred is
 *                    {NULL, 0}.
 * @param room        For an error message, at least 2 + 9 bytes.
 * @param[out] error  On a wrong suite the EDHOC error message to send, inside
 *                    @p room; otherwise {NULL, 0}: a stranger learns nothing.
 *
 * @retval DG_OK             Go on with dg_edhoc_r_message_2().
 * @retval DG_E_USAGE        A NULL, or a suite in @p suites that we lack.
 * @retval DG_E_STATE        Not a wiped context.
 * @retval DG_E_UNSUPPORTED  Wrong suite (@p error is set) or wrong method.
 * @retval DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED
 *                           Not the deterministic encoding of a message_1.
 * @retval DG_E_RANGE        G_X is no point, or a part is too long or short.
 * @retval DG_E_NO_SPACE     @p room is too small for the error.
 * @retval DG_E_PORT         The crypto port failed.
 */
DG_NODISCARD enum dg_status dg_edhoc_r_read_message_1(
    struct dg_edhoc *edhoc,
    const struct dg_crypto *crypto,
    const struct dg_edhoc_suites *suites,
    dg_span message_1,
    struct dg_edhoc_claim *claim,
    dg_buf room,
    dg_span *error);

/**
 * Write message_2.
 *
 * @param connection  C_R, 0 .. DG_EDHOC_CONNECTION_MAX bytes, not NULL.
 * @param ead_2       Readable by whoever sent message_1; may be {NULL, 0}.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_STATE, DG_E_NO_SPACE, DG_E_PORT, as
 *         dg_edhoc_i_message_3().
 */
DG_NODISCARD enum dg_status dg_edhoc_r_message_2(
    struct dg_edhoc *edhoc,
    const struct dg_crypto *crypto,
    const struct dg_edhoc_self *self,
    dg_span connection,
    dg_span ead_2,
    dg_buf room,
    dg_span *message_2);

/**
 * Keep what message_3 will need, and wipe the context.
 *
 * @retval DG_OK       @p pending is open.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_STATE  No message_2 was written; nothing has changed.
 */
DG_NODISCARD enum dg_status dg_edhoc_r_park(struct dg_edhoc *edhoc,
                                            struct dg_edhoc_pending *pending);

/**
 * Go on from there, in a context of zeros, with dg_edhoc_r_read_message_3().
 * @p pending stays as it is: where message_3 turns out to be forged, the one
 * that is not may still come.
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_STATE (nothing is pending, or
 *         @p edhoc is not wiped).
 */
DG_NODISCARD enum dg_status dg_edhoc_r_resume(
    struct dg_edhoc *edhoc, const struct dg_edhoc_pending *pending);

/**
 * Read message_3 (its AEAD holds) up to the look-up of I's credential.
 *
 * @retval DG_OK      @p claim says who I claims to be; EAD_3 is hostile until
 *                    dg_edhoc_r_verify_message_3().
 * @retval DG_E_AUTH  The tag does not hold, or our own credential came by
 *                    value.
 * @retval others     As dg_edhoc_i_read_message_2().
 */
DG_NODISCARD enum dg_status dg_edhoc_r_read_message_3(
    struct dg_edhoc *edhoc,
    const struct dg_crypto *crypto,
    const struct dg_edhoc_self *self,
    dg_span message_3,
    struct dg_edhoc_claim *claim);

/**
 * Verify message_3: only now EAD_3 may be acted on.
 *
 * @retval DG_E_AUTH  MAC_3 or the signature does not hold, the credential sent
 *                    by value is another one, or the peer is this end itself.
 * @retval others     As dg_edhoc_i_verify_message_2().
 */
DG_NODISCARD enum dg_status dg_edhoc_r_verify_message_3(
    struct dg_edhoc *edhoc,
    const struct dg_crypto *crypto,
    const struct dg_edhoc_self *self,
    const struct dg_edhoc_peer *peer);

/** Write message_4: from now on the exporter works.
 * @retval DG_OK, DG_E_USAGE, DG_E_STATE, DG_E_NO_SPACE, DG_E_PORT, as
 *         dg_edhoc_i_message_1(). */
DG_NODISCARD enum dg_status dg_edhoc_r_message_4(struct dg_edhoc *edhoc,
                                                 const struct dg_crypto *crypto,
                                                 dg_span ead_4,
                                                 dg_buf room,
                                                 dg_span *message_4);

/* Both ------------------------------------------------------------------ */

/**
 * EDHOC_Exporter (RFC 9528, 4.2.1).
 *
 * @param label    0 .. 65535; ours are DG_EDHOC_LABEL_*.
 * @param context  At most 64 bytes.
 * @param out      1 .. 255 * 32 bytes; filled completely.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_STATE (handshake not done), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_edhoc_export(const struct dg_edhoc *edhoc,
                                            const struct dg_crypto *crypto,
                                            uint16_t label,
                                            dg_span context,
                                            dg_buf out);

/* Exporter labels, private use range (RFC 9528, 10.1). */
#define DG_EDHOC_LABEL_SESSION 32768U /* 16 bytes: session id               */
#define DG_EDHOC_LABEL_I_TO_R  32769U /* 29 bytes: key, nonce base           */
#define DG_EDHOC_LABEL_R_TO_I  32770U

/* One EAD item that the caller understands. */
struct dg_edhoc_ead {
    uint16_t label; /* set by the caller, 1 .. 65535 */
    bool present;
    bool critical;
    dg_span value; /* {NULL, 0} when the item has none */
};

/**
 * Pick known items out of an EAD field, and refuse what may not be ignored.
 *
 * Padding and unknown items that are not critical are skipped.
 *
 * @param ead             As handed up in a claim; may be {NULL, 0}.
 * @param[in,out] wanted  Labels in; the rest is filled.
 * @param count           Number of @p wanted; 0 when every label is unknown.
 *
 * @retval DG_OK             Nothing critical is unknown.
 * @retval DG_E_USAGE        @p wanted is NULL and @p count is not 0.
 * @retval DG_E_UNSUPPORTED  A critical item that is not wanted: abort.
 * @retval DG_E_MALFORMED, DG_E_TRUNCATED, DG_E_RANGE
 *                           No sequence of EAD items, or a wanted one twice.
 */
DG_NODISCARD enum dg_status dg_edhoc_ead_pick(dg_span ead,
                                              struct dg_edhoc_ead *wanted,
                                              size_t count);

/* Whoever is near can throw a forged message between two real ones.  A message
 * that does not hold leaves the handshake as it was, so often; then it ends
 * (docs/adr/0010-forged-handshake-messages.md). */
#define DG_EDHOC_FORGED_MAX 64U

/** Forget everything. */
void dg_edhoc_wipe(struct dg_edhoc *edhoc);

/**
 * EDHOC_KeyUpdate (RFC 9528, appendix H): the keys of a session that is in use
 * become others, and the old ones do not follow from them.  Weaker than a new
 * handshake: no key of an end is proven anew.
 *
 * @param[in,out] prk_out       Replaced; wiped unless DG_OK.
 * @param         context       What both ends agree on, 1 .. 64 bytes.
 * @param[out]    prk_exporter  For dg_edhoc_export() under the new keys.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_edhoc_key_update(const struct dg_crypto *crypto,
                                                struct dg_secret *prk_out,
                                                dg_span context,
                                                struct dg_secret *prk_exporter);

#endif
