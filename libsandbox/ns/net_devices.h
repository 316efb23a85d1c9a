/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network devices that the config takes from the host into the container.
 *
 * They are not given back: a physical device returns to the host when its namespace ends, a virtual one ends with it (config-linux.md,
 * "Network Devices").
 */
#ifndef ORLOP_LIBSANDBOX_NS_NET_DEVICES_H
#define ORLOP_LIBSANDBOX_NS_NET_DEVICES_H

#include <stddef.h>

#include "libbase/error.h"
#include "libspec/spec.h"

/*
 * Host side. Moves each device from the caller's network namespace into that of `target_fd` under its new name, in one step, with its
 * permanent global addresses, and brings it up. `own_fd` is the caller's own namespace, which it leaves for a moment and is back in when the
 * call returns. Errors name the device: "network device 'eth1': move to 'eth0': File exists".
 */
int net_devices_move(int own_fd, int target_fd, const struct spec_net_device *devices, size_t count, struct error *err)
	_warn_unused_;

#endif
