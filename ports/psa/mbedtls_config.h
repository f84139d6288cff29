/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_MBEDTLS_CONFIG_H
#define DG_MBEDTLS_CONFIG_H

/* Mbed TLS 2.28 as the firmware has it: what crypto_psa.c needs, and nothing
 * that listens, parses certificates or looks for files. */

/* Platform: no operating system, no clock, no heap but our own. */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_NO_PLATFORM_ENTROPY
/* A heap that is damaged ends in a reset. */
void dg_fault(void) __attribute__((noreturn));
#define MBEDTLS_PLATFORM_EXIT_MACRO(code) dg_fault()
#define MBEDTLS_HAVE_ASM                  /* UMAAL of the Cortex-M4 */

/* PSA Crypto; randomness comes from the board. */
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#define MBEDTLS_PSA_KEY_SLOT_COUNT 4

/* Algorithms of dosegate/crypto.h. */
#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_CIPHER_C
#define MBEDTLS_CCM_C
#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_HMAC_DRBG_C
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECDSA_DETERMINISTIC
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C

/* Small tables: PSA loads the curve anew for each operation, so a table of
 * the base point would be made each time. */
#define MBEDTLS_MPI_MAX_SIZE          72
#define MBEDTLS_MPI_WINDOW_SIZE       2
#define MBEDTLS_ECP_MAX_BITS          256
#define MBEDTLS_ECP_WINDOW_SIZE       4
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0

#include <mbedtls/check_config.h>

#endif
