/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_LANDLOCK_BITS_H
#define DG_LANDLOCK_BITS_H

/* Written out rather than taken from <linux/landlock.h>: the header of the
 * build machine may be older than the kernel that runs this.  source: Linux
 * 6.18, include/uapi/linux/landlock.h. */
#define DG_FS_WRITE_FILE  (1ULL << 1)
#define DG_FS_READ_FILE   (1ULL << 2)
#define DG_FS_READ_DIR    (1ULL << 3)
#define DG_FS_REMOVE_FILE (1ULL << 5)
#define DG_FS_MAKE_REG    (1ULL << 8)
#define DG_FS_ABI_1       ((1ULL << 13) - 1ULL) /* execute .. make symlink */
#define DG_FS_REFER       (1ULL << 13)          /* ABI 2 */
#define DG_FS_TRUNCATE    (1ULL << 14)          /* ABI 3 */
#define DG_FS_IOCTL_DEV   (1ULL << 15)          /* ABI 5 */

#define DG_NET_BIND_TCP    (1ULL << 0) /* ABI 4 */
#define DG_NET_CONNECT_TCP (1ULL << 1) /* ABI 4 */

#define DG_SCOPE_ABSTRACT_SOCKET (1ULL << 0) /* ABI 6 */
#define DG_SCOPE_SIGNAL          (1ULL << 1) /* ABI 6 */

#endif
