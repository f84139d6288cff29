/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CMOCKA_ALL_H
#define DG_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Needs the four above, so it stands in a block of its own. */
#include <cmocka.h>

#endif
