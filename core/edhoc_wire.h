/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_EDHOC_WIRE_H
#define DG_CORE_EDHOC_WIRE_H

#include "dosegate/cbor.h"
#include "dosegate/edhoc.h"

/* The encodings of RFC 9528: identifiers, suites, ID_CRED, EAD.
 *
 * Trusted: the caller.  Untrusted: every byte that is read.  Kept for any
 * input: only the one deterministic encoding of a thing is accepted. */

/* A list of suites as received; values that we do not know are kept. */
struct dg_edhoc_offer {
    size_t count;
    int64_t suite[DG_EDHOC_SUITES_MAX];
};

/* PLAINTEXT_2 or PLAINTEXT_3 in its parts. */
struct dg_edhoc_parts {
    dg_span connection; /* C_R; {NULL, 0} in PLAINTEXT_3 */
    dg_span id_cred;    /* encoded map */
    dg_span mac;
    dg_span ead; /* {NULL, 0} when absent */
};

/** Is it a method that this build implements? */
bool dg_edhoc_has_method(enum dg_method method);

/** METHOD as it travels: 0 or 3. */
int dg_edhoc_method_on_wire(enum dg_method method);

/** Is it a suite that this build implements? */
bool dg_edhoc_has_suite(int64_t suite);

/** Bytes of MAC and AEAD tag under @p suite, 2 or 3. */
size_t dg_edhoc_tag_size(int8_t suite);

/** Write a byte string as C_x and kid travel: a single byte that is also a
 * one-byte CBOR integer goes as that integer (RFC 9528, 3.3.2). */
void dg_edhoc_write_identifier(struct dg_cbor_writer *writer, dg_span bytes);

/** Read what dg_edhoc_write_identifier() wrote; the other form of the same
 * string is DG_E_MALFORMED. */
dg_span dg_edhoc_read_identifier(struct dg_cbor_reader *reader);

/** Write SUITES_I or SUITES_R: one integer, or an array of two or more. */
void dg_edhoc_write_suites(struct dg_cbor_writer *writer,
                           const int8_t *suites,
                           size_t count);

/** Read SUITES_I or SUITES_R.  A repeated suite, or an array of fewer than
 * two, is DG_E_MALFORMED; more than DG_EDHOC_SUITES_MAX is DG_E_RANGE. */
void dg_edhoc_read_suites(struct dg_cbor_reader *reader,
                          struct dg_edhoc_offer *offer);

/** Read EAD items up to the end of the input: labels of at most 65,535 either
 * sign, each with at most one byte string.  {NULL, 0} when there is none. */
dg_span dg_edhoc_read_ead(struct dg_cbor_reader *reader);

/** Are these bytes EAD items that we may send? */
bool dg_edhoc_is_ead(dg_span ead);

/** Are these bytes an ID_CRED that we support, {4: kid} or {14: CCS}? */
bool dg_edhoc_is_id_cred(dg_span id_cred);

/** Give the CCS inside {14: CCS}, {NULL, 0} for anything else. */
dg_span dg_edhoc_cred_by_value(dg_span id_cred);

/** Write ID_CRED as it stands in a plaintext: {4: kid} as the kid alone.
 * Wants an ID_CRED that dg_edhoc_is_id_cred(). */
void dg_edhoc_write_id_cred(struct dg_cbor_writer *writer, dg_span id_cred);

/**
 * Take a plaintext apart.
 *
 * @param with_connection  PLAINTEXT_2 begins with C_R.
 * @param mac_size         8 or 16, 64 for a signature.
 * @param kid_map          Room for an ID_CRED restored from a kid, at least
 *                         DG_EDHOC_KID_MAP_MAX bytes.
 *
 * @retval DG_OK             @p parts points into @p plain and @p kid_map.
 * @retval DG_E_UNSUPPORTED  ID_CRED is a map of another kind.
 * @retval DG_E_MALFORMED, DG_E_TRUNCATED, DG_E_RANGE
 */
DG_NODISCARD enum dg_status dg_edhoc_split(dg_span plain,
                                           bool with_connection,
                                           size_t mac_size,
                                           dg_buf kid_map,
                                           struct dg_edhoc_parts *parts);

/** Write a plaintext; the reverse of dg_edhoc_split().  @p connection of
 * @p parts is left out unless @p with_connection.
 * @retval DG_OK, DG_E_NO_SPACE. */
DG_NODISCARD enum dg_status dg_edhoc_join(const struct dg_edhoc_parts *parts,
                                          bool with_connection,
                                          dg_buf room,
                                          dg_span *plain);

#endif
