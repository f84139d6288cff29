# SPDX-License-Identifier: Apache-2.0
# Mbed TLS for the firmware, from the sources that tools/fetch-mbedtls got,
# with our configuration.  Its warnings are its authors' affair.
set(DG_MBEDTLS_FILES
    aes asn1parse asn1write bignum ccm cipher cipher_wrap constant_time ecdh
    ecdsa ecp ecp_curves hmac_drbg md memory_buffer_alloc platform
    platform_util psa_crypto psa_crypto_aead psa_crypto_cipher
    psa_crypto_client psa_crypto_driver_wrappers psa_crypto_ecp psa_crypto_hash
    psa_crypto_mac psa_crypto_slot_management sha256)
list(TRANSFORM DG_MBEDTLS_FILES PREPEND ${DG_MBEDTLS}/source/library/)
list(TRANSFORM DG_MBEDTLS_FILES APPEND .c)
add_library(dg_mbedcrypto STATIC ${DG_MBEDTLS_FILES})
target_compile_options(dg_mbedcrypto PRIVATE -w)
target_include_directories(dg_mbedcrypto SYSTEM PUBLIC
    ${DG_MBEDTLS}/source/include)
target_include_directories(dg_mbedcrypto PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_compile_definitions(dg_mbedcrypto PUBLIC
    MBEDTLS_CONFIG_FILE="mbedtls_config.h")
# A handshake is mostly these two; a third more code makes it twice as fast.
set_source_files_properties(
    ${DG_MBEDTLS}/source/library/bignum.c ${DG_MBEDTLS}/source/library/ecp.c
    ${DG_MBEDTLS}/source/library/ecp_curves.c
    PROPERTIES COMPILE_OPTIONS -O2)
