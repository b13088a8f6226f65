#include "core/engines/ollama/release.h"

#include "core/quantity/bytes.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace weighbridge {

namespace {

constexpr int last_patch = 99;

constexpr OllamaRelease llama_server_since{30, 0};
constexpr OllamaRelease layouts_of_own_engine_since{12, 0}; // OLLAMA_NEW_ESTIMATES until then
constexpr OllamaRelease layouts_of_llama_cpp_since{12, 4};
constexpr OllamaRelease auto_flash_since{13, 5};
constexpr OllamaRelease windows_since{11, 5};
constexpr OllamaRelease context_by_memory_since{15, 5};
constexpr OllamaRelease fewer_slots_since{6, 7}; // and 4,096 tokens in place of 2,048
constexpr OllamaRelease one_slot_since{10, 0};
constexpr OllamaRelease checkpoints_of_all_since{17, 1};

/// Networks of a table and the first release that has them in it.
struct Since
{
    std::string_view architecture;
    OllamaRelease release;
};

/// fs/ggml/ggml.go, OllamaEngineRequired.
constexpr std::array own_engine = {
    Since{"gemma3", {6, 0}},       Since{"mistral3", {6, 5}},    Since{"llama4", {6, 7}},
    Since{"mllama", {7, 0}},       Since{"qwen25vl", {7, 0}},    Since{"gemma3n", {9, 3}},
    Since{"gptoss", {11, 0}},      Since{"qwen3", {12, 0}},      Since{"qwen3moe", {12, 2}},
    Since{"qwen3vl", {12, 7}},     Since{"qwen3vlmoe", {12, 7}}, Since{"deepseek2", {13, 0}},
    Since{"nomic-bert", {13, 1}},  Since{"olmo3", {13, 4}},      Since{"bert", {13, 5}},
    Since{"glm4moelite", {14, 3}}, Since{"lfm2", {14, 3}},       Since{"qwen3next", {15, 5}},
    Since{"lfm2moe", {17, 1}},     Since{"nemotron_h", {17, 1}}, Since{"nemotron_h_moe", {17, 1}},
    Since{"qwen35", {17, 1}},      Since{"qwen35moe", {17, 1}},  Since{"gemma4", {20, 0}},
    Since{"laguna", {22, 0}},
};

/// fs/ggml/ggml.go, FlashAttention.
constexpr std::array flash = {
    Since{"gptoss", {11, 8}},      Since{"qwen3", {12, 4}},      Since{"qwen3moe", {12, 4}},
    Since{"gemma3", {12, 6}},      Since{"qwen3vl", {12, 8}},    Since{"qwen3vlmoe", {12, 8}},
    Since{"mistral3", {13, 2}},    Since{"olmo3", {13, 4}},      Since{"bert", {13, 5}},
    Since{"glm4moelite", {14, 3}}, Since{"lfm2", {14, 3}},       Since{"qwen3next", {15, 5}},
    Since{"lfm2moe", {17, 1}},     Since{"nemotron_h", {17, 1}}, Since{"nemotron_h_moe", {17, 1}},
    Since{"qwen35", {17, 1}},      Since{"qwen35moe", {17, 1}},  Since{"gemma4", {20, 4}},
};

/// server/sched.go, load.
constexpr std::array one_slot = {
    Since{"mllama", {0, 0}},          Since{"qwen3vl", {12, 7}},   Since{"qwen3vlmoe", {12, 7}},
    Since{"qwen3next", {15, 5}},      Since{"lfm2", {15, 5}},      Since{"lfm2moe", {15, 5}},
    Since{"qwen35", {17, 1}},         Since{"qwen35moe", {17, 1}}, Since{"nemotron_h", {17, 1}},
    Since{"nemotron_h_moe", {17, 1}},
};

template<class Table>
bool has(const Table& table, OllamaRelease release, std::string_view architecture)
{
    return std::any_of(table.begin(), table.end(),
                       [&](const Since& row) { return row.architecture == architecture && release >= row.release; });
}

struct GgufName
{
    std::string_view family;
    std::string_view gguf;
};

/// convert_hf_to_gguf.py and Ollama's convert/, where the two names differ.
constexpr std::array gguf_names = {
    GgufName{"cohere", "command-r"},        GgufName{"deepseek_v2", "deepseek2"},
    GgufName{"deepseek_v3", "deepseek2"},   GgufName{"kimi_k2", "deepseek2"},
    GgufName{"gemma3_text", "gemma3"},      GgufName{"gemma3n_text", "gemma3n"},
    GgufName{"gemma4_text", "gemma4"},      GgufName{"glm4_moe_lite", "glm4moelite"},
    GgufName{"gpt_oss", "gptoss"},          GgufName{"lfm2_moe", "lfm2moe"},
    GgufName{"llama4_text", "llama4"},      GgufName{"mistral", "llama"},
    GgufName{"mixtral", "llama"},           GgufName{"phi", "phi2"},
    GgufName{"qwen2_5_vl", "qwen25vl"},     GgufName{"qwen2_5_vl_text", "qwen25vl"},
    GgufName{"qwen3_moe", "qwen3moe"},      GgufName{"qwen3_next", "qwen3next"},
    GgufName{"qwen3_vl", "qwen3vl"},        GgufName{"qwen3_vl_text", "qwen3vl"},
    GgufName{"qwen3_vl_moe", "qwen3vlmoe"}, GgufName{"qwen3_vl_moe_text", "qwen3vlmoe"},
    GgufName{"qwen3_5", "qwen35"},          GgufName{"qwen3_5_text", "qwen35"},
    GgufName{"qwen3_5_moe", "qwen35moe"},   GgufName{"qwen3_5_moe_text", "qwen35moe"},
};

/// Builds of upstream that releases are made with (LLAMA_CPP_VERSION), the first release of each.
struct Build
{
    OllamaRelease since;
    std::string_view name;
};

constexpr std::array builds = {
    Build{{32, 15}, "b10488"}, Build{{32, 0}, "b9888"}, Build{{31, 0}, "b9840"},
    Build{{30, 0}, "b9452"},   Build{{0, 0}, "2025"},
};

} // namespace

OllamaRelease ollama_release(std::string_view text)
{
    text.remove_prefix(text.starts_with('v') ? 1 : 0);
    if (!text.starts_with("0."))
        return newest_ollama;
    const char* end = text.data() + text.size();
    OllamaRelease release{0, last_patch};
    const auto minor = std::from_chars(text.data() + 2, end, release.minor);
    if (minor.ec != std::errc{})
        return newest_ollama;
    int patch = 0;
    if (minor.ptr != end && *minor.ptr == '.' && std::from_chars(minor.ptr + 1, end, patch).ec == std::errc{})
        release.patch = patch;
    return release;
}

std::string_view ollama_architecture(std::string_view family)
{
    const auto* const found =
        std::find_if(gguf_names.begin(), gguf_names.end(), [&](const GgufName& name) { return name.family == family; });
    return found == gguf_names.end() ? family : found->gguf;
}

OllamaRunner ollama_runner(OllamaRelease release, std::string_view architecture)
{
    constexpr OllamaRelease without_qwen3{12, 5}; // taken back for one release
    if (release >= llama_server_since)
        return OllamaRunner::llama_server;
    if (release == without_qwen3 && architecture == "qwen3")
        return OllamaRunner::llama_cpp;
    return has(own_engine, release, architecture) ? OllamaRunner::own_engine : OllamaRunner::llama_cpp;
}

OllamaPlacing ollama_placing(OllamaRelease release, OllamaRunner runner)
{
    if (runner == OllamaRunner::llama_server)
        return OllamaPlacing::fit;
    const OllamaRelease since =
        runner == OllamaRunner::own_engine ? layouts_of_own_engine_since : layouts_of_llama_cpp_since;
    return release >= since ? OllamaPlacing::layout : OllamaPlacing::estimate;
}

bool ollama_prefers_flash(OllamaRelease release, std::string_view architecture)
{
    return has(flash, release, architecture);
}

bool ollama_leaves_flash_to_llama_cpp(OllamaRelease release, OllamaRunner runner)
{
    return runner == OllamaRunner::llama_server || (runner == OllamaRunner::llama_cpp && release >= auto_flash_since);
}

std::int64_t ollama_slots(OllamaRelease release)
{
    if (release >= one_slot_since)
        return 1;
    return release >= fewer_slots_since ? 2 : 4;
}

bool ollama_gives_one_slot(OllamaRelease release, std::string_view architecture)
{
    return has(one_slot, release, architecture);
}

/// Thresholds are a little below what cards are sold with: 47 and 23 GiB.
std::int64_t ollama_context(OllamaRelease release, double memory)
{
    if (release < fewer_slots_since)
        return 2048;
    if (release < context_by_memory_since)
        return 4096;
    if (memory >= 47 * bytes_per_gib)
        return 262144;
    return memory >= 23 * bytes_per_gib ? 32768 : 4096;
}

std::int64_t ollama_checkpoints(OllamaRelease release, OllamaRunner runner, std::string_view architecture)
{
    if (runner != OllamaRunner::own_engine)
        return 0;
    if (release >= checkpoints_of_all_since)
        return 24;
    return architecture == "qwen3next" ? 32 : 0;
}

std::string_view ollama_llama_cpp(OllamaRelease release)
{
    const auto* const build =
        std::find_if(builds.begin(), builds.end(), [&](const Build& row) { return release >= row.since; });
    return build->name;
}

bool ollama_keeps_windows_whole(OllamaRelease release, OllamaRunner runner)
{
    return runner == OllamaRunner::llama_cpp && release < windows_since;
}

} // namespace weighbridge
