# SPDX-License-Identifier: BSD-2-Clause
#
# What the compiler does not see: files of conf/ that the assembler embeds.

$(OUT)/obj/worker/execute/definition.o: $(TOP)/conf/workflow.json
