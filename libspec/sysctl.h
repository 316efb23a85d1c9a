/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two ways to write a sysctl, "net.ipv4.conf.eth0/100.forwarding" and "net/ipv4/conf/eth0.100/forwarding": as in sysctl(8) the first
 * separator decides which one it is, and the other character then stands for a literal one.
 *
 * Not for: which sysctls a container may set (check/sysctl.c) or writing them (libsandbox/root).
 */
#ifndef ORLOP_LIBSPEC_SYSCTL_H
#define ORLOP_LIBSPEC_SYSCTL_H

#include <stddef.h>

#define SYSCTL_PATH_SIZE 512 /* enough for every path below /proc/sys */

/*
 * The path below /proc/sys, "net/ipv4/conf/eth0.100/forwarding". It has no empty, "." or ".." component and no control characters.
 * Returns 0; -EINVAL: no such path can be made of the key; -ENAMETOOLONG: it does not fit into `size`.
 */
int sysctl_path(const char *key, char *to, size_t size);

/* The same with dots as separators, the form of messages. */
int sysctl_dotted(const char *key, char *to, size_t size);

#endif
