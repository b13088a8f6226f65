#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/display.h"

#include <string>

namespace weighbridge {

/// Sentences that more than one report begins with. English; the window has its own, translated.

/// "Llama-3.1-70B (llama): 70.55 B parameters, 80 layers, GQA 8:1".
std::string model_line(const Estimate& estimate);
/// What every token runs through after attention: "dense gated FFN", "dense FFN", "MoE 8 of 256 + 1 shared, 3 dense
/// layers". The activation function is no part of an architecture, so SwiGLU and GeGLU are both "gated".
std::string feed_forward_summary(const Architecture& architecture);
/// "head_dim 128"; "head_dim 256/512" where kinds of layers differ; of latent attention what is cached: "kv_lora_rank
/// 512". Empty where no layer attends.
std::string head_summary(const Architecture& architecture);
/// "32,768 tokens × 12 sequences; weights bf16, KV cache bf16; 4 × H100 SXM 80 GB, tensor parallel".
std::string workload_line(const Estimate& estimate);
/// "note", "warning", "error".
std::string_view severity_name(Severity severity);
/// What begins a remark in a text: "Note", "Warning", "Error".
std::string_view severity_word(Severity severity);
/// "Tight: 75.30 GiB of 79.65 GiB per GPU, 95 %, 4.35 GiB free".
std::string verdict_line(const Estimate& estimate);
/// "Range 74.96 GiB to 76.59 GiB", or empty where every figure is exact.
std::string range_line(const Estimate& estimate);
/// "Room at 32,768 tokens: up to 13 sequences; with 12 sequences: up to 36,000 tokens each". Of training: where the
/// memory peaks.
std::string capacity_line(const Estimate& estimate);
/// "32.86", "<0.01" for what would round to nothing.
std::string gib_text(Bytes bytes, ByteUnit unit = ByteUnit::gib);
/// "tried: TP, PP, TP x PP".
std::string layouts_tried_text(const Fit& fit);
/// Whether a report shows figures of it: a card on which nothing can run has none.
bool has_figures(const Estimate& estimate, const Fit& fit);
/// "fits", "tight", "exceeds: 2 GPUs", "can't run".
std::string fit_text(const Fit& fit);

/// "vLLM would print": what stands over the engine's own figures.
std::string prints_heading(const Estimate& estimate);

/// The value with the engine's own number of decimals, digits grouped.
std::string print_text(const EnginePrint& print);

} // namespace weighbridge
