/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PAGE_FILES_H
#define DG_PAGE_FILES_H

#include "page.h"

/* web/confirm/, as it is built into role confirm. */
#define DG_PAGE_FILES 4U

extern const struct dg_page_file dg_page_files[DG_PAGE_FILES];

#endif
