/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who of a new container's makers gets off the runtime's own file (self_exe.h): init alone, where it alone can be seen from the container; else the
 * host side, from which init is cloned.
 */
#ifndef ORLOP_RUNTIME_CREATE_FILE_H
#define ORLOP_RUNTIME_CREATE_FILE_H

#include "runtime/create.h"

/* When the plan is made, and before anything else is. As self_exe_seal: it may execute orlop anew. */
int creation_file_seal(struct creation *creation, struct error *err);

#endif
