/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows: vm. Source: runtime-spec config-vm.md. Read so that a config comes back whole; nothing acts on it.
 */
#include "libspec/parse/tables.h"

static const struct field vm_hypervisor_rows[] = {
	ROW_STRING(struct spec_vm_hypervisor, "path", path, REQUIRED),
	ROW_STRINGS(struct spec_vm_hypervisor, "parameters", parameters, OPTIONAL),
};
FIELDS(fields_vm_hypervisor, vm_hypervisor_rows);

static const struct field vm_kernel_rows[] = {
	ROW_STRING(struct spec_vm_kernel, "path", path, REQUIRED),
	ROW_STRINGS(struct spec_vm_kernel, "parameters", parameters, OPTIONAL),
	ROW_STRING(struct spec_vm_kernel, "initrd", initrd, OPTIONAL),
};
FIELDS(fields_vm_kernel, vm_kernel_rows);

static const struct field vm_image_rows[] = {
	ROW_STRING(struct spec_vm_image, "path", path, REQUIRED),
	ROW_ENUM(struct spec_vm_image, "format", format, names_vm_formats, REQUIRED),
};
FIELDS(fields_vm_image, vm_image_rows);

static const struct field vm_iomem_rows[] = {
	ROW_U64(struct spec_vm_iomem, "firstGFN", first_gfn, OPTIONAL),
	ROW_PLAIN_U64(struct spec_vm_iomem, "firstMFN", first_mfn, REQUIRED),
	ROW_PLAIN_U64(struct spec_vm_iomem, "nrMFNs", nr_mfns, REQUIRED),
};
FIELDS(fields_vm_iomem, vm_iomem_rows);

static const struct field vm_hardware_rows[] = {
	ROW_STRING(struct spec_vm_hardware, "deviceTree", device_tree, OPTIONAL),
	ROW_U32(struct spec_vm_hardware, "vcpus", vcpus, OPTIONAL),
	ROW_U64(struct spec_vm_hardware, "memory", memory, OPTIONAL),
	ROW_STRINGS(struct spec_vm_hardware, "dtdevs", dtdevs, OPTIONAL),
	ROW_OBJECTS(struct spec_vm_hardware, "iomems", iomems, fields_vm_iomem, OPTIONAL),
	ROW_U32S(struct spec_vm_hardware, "irqs", irqs, OPTIONAL),
};
FIELDS(fields_vm_hardware, vm_hardware_rows);

/* config-vm.md and the schema disagree on the spelling of the last one. */
static const struct field vm_rows[] = {
	ROW_OBJECT(struct spec_vm, "hypervisor", hypervisor, fields_vm_hypervisor, OPTIONAL),
	ROW_OBJECT(struct spec_vm, "kernel", kernel, fields_vm_kernel, REQUIRED),
	ROW_OBJECT(struct spec_vm, "image", image, fields_vm_image, OPTIONAL),
	ROW_OBJECT(struct spec_vm, "hwConfig", hardware, fields_vm_hardware, OPTIONAL),
	ROW_OBJECT(struct spec_vm, "hwconfig", hardware, fields_vm_hardware, FLAGS(FIELD_ALIAS | FIELD_EXTENSION)),
};
FIELDS(fields_vm, vm_rows);
