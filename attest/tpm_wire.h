/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_TPM_WIRE_H
#define DG_ATTEST_TPM_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "attest/signature.h"

/* Structures of TPM 2.0 (Part 2), as they stand: big endian, TPM2B is a length
 * of two bytes and that many bytes. */
#define DG_TPM_MAGIC         0xff544347U /* 10.12.1, TPM_GENERATED_VALUE */
#define DG_TPM_QUOTE         0x8018U     /* 10.12.2, TPM_ST_ATTEST_QUOTE */
#define DG_TPM_SELECTION_MAX 4U

/* Attributes of a key, 8.3.2. */
#define DG_TPM_FIXED_TPM  0x00000002U
#define DG_TPM_RESTRICTED 0x00010000U
#define DG_TPM_DECRYPT    0x00020000U
#define DG_TPM_SIGN       0x00040000U

struct dg_tpm_selection {
    uint16_t hash;
    uint32_t pcrs; /* bit i: PCR i; none above 31 */
};

struct dg_tpm_attest {
    uint32_t magic;
    uint16_t type;
    dg_span extra_data;
    uint32_t reset_count;
    bool is_clock_safe;
    /* Of a quote only: */
    struct dg_tpm_selection selection[DG_TPM_SELECTION_MAX];
    size_t selections;
    dg_span pcr_digest;
};

struct dg_tpm_signature {
    uint16_t scheme;
    uint16_t hash;
    dg_span first;  /* ECDSA: r; RSA: the signature */
    dg_span second; /* ECDSA: s */
};

struct dg_tpm_public {
    uint32_t attributes;
    uint16_t scheme;
    uint16_t hash;
    uint8_t point[133]; /* ECC: 04 || x || y */
    uint8_t exponent[4];
    struct dg_key_view key; /* kind NONE: one that is not known here */
};

/** Cut TPM2B_ATTEST || TPMT_SIGNATURE; false when it is not cut like that. */
bool dg_tpm_split(dg_span evidence, dg_span *attest, dg_span *signature);

/** Read TPMS_ATTEST; whatever follows the type is read of quotes alone. */
bool dg_tpm_attest_read(dg_span bytes, struct dg_tpm_attest *attest);

/** Read TPMT_SIGNATURE of RSASSA, RSAPSS or ECDSA; of another scheme only
 * that. */
bool dg_tpm_signature_read(dg_span bytes, struct dg_tpm_signature *signature);

/** Read TPM2B_PUBLIC of a signing key; @p public_key points into itself, so it
 * must not be copied. */
bool dg_tpm_public_read(dg_span bytes, struct dg_tpm_public *public_key);

/** The digest of a TPM_ALG_ID; NONE for others. */
enum dg_digest dg_tpm_digest(uint16_t hash);

#endif
