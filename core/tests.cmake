# SPDX-License-Identifier: Apache-2.0
# Tests and fuzz targets of the core.
set(DG_VECTOR_HELPER ${CMAKE_SOURCE_DIR}/tests/unit/vectors.c)
set(DG_EDHOC_HELPER ${DG_VECTOR_HELPER}
    ${CMAKE_SOURCE_DIR}/tests/unit/edhoc_run.c)

dg_test(bytes LIBRARIES dg_core)
dg_test(cbor LIBRARIES dg_core)
dg_test(cose LIBRARIES dg_core dg_ports_host)
dg_test(credential LIBRARIES dg_core)
dg_test(crypto
    SOURCES ${DG_VECTOR_HELPER} ${CMAKE_SOURCE_DIR}/tests/unit/port_openssl.c
    LIBRARIES dg_core dg_ports_host jansson)
dg_test(crypto_group
    SOURCES ${DG_VECTOR_HELPER} ${CMAKE_SOURCE_DIR}/tests/unit/port_openssl.c
    LIBRARIES dg_core dg_ports_host jansson)
dg_test(edhoc SOURCES ${DG_EDHOC_HELPER}
    LIBRARIES dg_core dg_ports_host jansson)
dg_test(edhoc_negative SOURCES ${DG_EDHOC_HELPER}
    LIBRARIES dg_core dg_ports_host jansson)
dg_test(edhoc_negotiation SOURCES ${DG_EDHOC_HELPER}
    LIBRARIES dg_core dg_ports_host jansson)
dg_test(edhoc_sign SOURCES ${DG_EDHOC_HELPER}
    LIBRARIES dg_core dg_ports_host jansson)
dg_test(hkdf SOURCES ${DG_VECTOR_HELPER}
    LIBRARIES dg_core dg_ports_host jansson)
dg_test(merkle SOURCES ${DG_VECTOR_HELPER}
    LIBRARIES dg_core dg_ports_host jansson)
dg_test(knock LIBRARIES dg_core dg_ports_host)
dg_test(record LIBRARIES dg_core dg_ports_host)
dg_test(spake2plus SOURCES ${DG_VECTOR_HELPER}
    LIBRARIES dg_core dg_ports_host jansson)
dg_test(selftest LIBRARIES dg_core dg_ports_host)
dg_test(status LIBRARIES dg_core)

# The fuzzer follows branches only through code that reports them.
if(DG_FUZZ)
    target_compile_options(dg_core PRIVATE -fsanitize=fuzzer-no-link)
endif()
dg_fuzz(cbor LIBRARIES dg_core)
dg_fuzz(cose LIBRARIES dg_core dg_ports_host)
dg_fuzz(edhoc LIBRARIES dg_core dg_ports_host)
dg_fuzz(record LIBRARIES dg_core dg_ports_host)
