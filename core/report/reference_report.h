#pragma once

#include "core/answers/reference_tables.h"
#include "core/quantity/display.h"
#include "core/report/table.h"

#include <vector>

namespace weighbridge {

/// Inference by precision, KV cache, training, LoRA and QLoRA: tables "inference", "kv_cache", "training" and "lora".
std::vector<Table> reference_report(const ReferenceTables& tables, ByteUnit unit = ByteUnit::gib);

} // namespace weighbridge
