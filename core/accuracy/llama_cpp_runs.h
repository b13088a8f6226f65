#pragma once

#include "core/accuracy/measured_set.h"

#include <span>
#include <string>
#include <string_view>

namespace weighbridge {

/// Logs of llama.cpp and ik_llama.cpp.
Result<MeasuredRun> read_llama_cpp_log(const Record& record, MeasuredModels& models);

/// The real llama.cpp on synthetic files.
Result<MeasuredRun> read_llama_cpp_synthetic(const Record& record, MeasuredModels& models);

/// The weights format that a log's file type stands for: "Q4_K - Medium" is "gguf:Q4_K_M". Empty for types that have no
/// rules here: ik_llama.cpp's own, repacked ones, files whose makers chose types tensor by tensor.
std::string gguf_format_of_log(std::string_view file_type);

std::span<const AccuracyFigure> llama_cpp_log_figures();
std::span<const AccuracyFigure> llama_cpp_synthetic_figures();

} // namespace weighbridge
