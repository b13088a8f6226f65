#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weighbridge {

/// A release of Ollama, 0.MINOR.PATCH.
struct OllamaRelease
{
    int minor = 0;
    int patch = 0;

    auto operator<=>(const OllamaRelease&) const = default; // NOLINT(modernize-use-nullptr): as in Bytes
};

/// The newest whose rules are known here.
inline constexpr OllamaRelease newest_ollama{33, 0};

/// Reads "0.11.5", "v0.9"; without a third number the last of its kind. What begins otherwise is the newest.
OllamaRelease ollama_release(std::string_view text);

/// What computes a model of GGUF (llm/server.go, NewLlamaServer; from 0.30 on llm/llama_server.go).
enum class OllamaRunner
{
    llama_cpp,    ///< llama.cpp compiled in ("go runner")
    own_engine,   ///< Ollama's own graphs over ggml
    llama_server, ///< a process of upstream's llama-server
};

/// How it is decided which layers lie where.
enum class OllamaPlacing
{
    estimate, ///< EstimateGPULayers (llm/memory.go)
    layout,   ///< createLayout (llm/server.go), of real sizes or of those of the estimate
    fit,      ///< llama.cpp's own (common/fit.cpp)
};

/// The name of a network in GGUF files, as Ollama's tables have it: "qwen3moe" of "qwen3_moe". Others as they are.
std::string_view ollama_architecture(std::string_view family);

OllamaRunner ollama_runner(OllamaRelease release, std::string_view architecture);
OllamaPlacing ollama_placing(OllamaRelease release, OllamaRunner runner);

/// Whether flash attention is on where nobody said (fs/ggml/ggml.go, FlashAttention).
bool ollama_prefers_flash(OllamaRelease release, std::string_view architecture);
/// Whether llama.cpp decides about it by itself where nobody said.
bool ollama_leaves_flash_to_llama_cpp(OllamaRelease release, OllamaRunner runner);

/// Slots where nobody said, to be tried before one: 4, then 2, then 1 (server/sched.go, defaultParallel).
std::int64_t ollama_slots(OllamaRelease release);
/// Whether a network is given one slot whatever was said (server/sched.go, load).
bool ollama_gives_one_slot(OllamaRelease release, std::string_view architecture);

/// Tokens of a slot where nobody said, by the memory of all GPUs in bytes (envconfig/config.go; server/routes.go).
std::int64_t ollama_context(OllamaRelease release, double memory);

/// Checkpoints of a sequence's recurrent states that Ollama's own engine keeps beside them, taken when it starts
/// (kvcache/recurrent.go, DefaultCheckpointCount; before model/models/qwen3next/checkpoints.go).
std::int64_t ollama_checkpoints(OllamaRelease release, OllamaRunner runner, std::string_view architecture);

/// The name of llama.cpp's build in a release, as `llama_cpp_build` reads it.
std::string_view ollama_llama_cpp(OllamaRelease release);
/// Whether its llama.cpp keeps windowed layers at full length (before llama.cpp#13194 came in).
bool ollama_keeps_windows_whole(OllamaRelease release, OllamaRunner runner);

} // namespace weighbridge
