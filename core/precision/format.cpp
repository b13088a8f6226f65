#include "core/precision/format.h"

#include "core/precision/exl_rules.h"
#include "core/precision/gguf_mix.h"
#include "core/precision/mlx_rules.h"
#include "core/quantity/formula.h"
#include "core/quantity/nearest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

namespace weighbridge {

namespace {

constexpr double unquantized_bytes = 2;

/// Bits of a group-quantized weight: its own, and the scale and zero point that `group` weights share.
constexpr double grouped_bits(double bits, double scale_and_zero_bits, double group)
{
    return bits + scale_and_zero_bits / group;
}

struct Uses
{
    bool weights = false;
    bool kv_cache = false;
    bool activations = false;
};

constexpr Uses everywhere{true, true, true};
constexpr Uses weights_only{.weights = true};
constexpr Uses kv_cache_only{.kv_cache = true};

/// A type that stores every tensor as it is.
NumberFormat plain(std::string_view id, std::string_view label, double bits, ComputeType compute)
{
    return {.id = std::string(id),
            .label = std::string(label),
            .bits = bits,
            .compute = compute,
            .for_weights = true,
            .for_kv_cache = true,
            .for_activations = true,
            .source = "IEEE 754; bfloat16"};
}

NumberFormat quantized(std::string_view id, std::string_view label, double bits, ComputeType compute, Uses uses,
                       std::string_view source)
{
    return {.id = std::string(id),
            .label = std::string(label),
            .bits = bits,
            .takes_all_tensors = false,
            .compute = compute,
            .for_weights = uses.weights,
            .for_kv_cache = uses.kv_cache,
            .for_activations = uses.activations,
            .source = source};
}

/// One fp32 scale per output channel.
NumberFormat per_channel(NumberFormat format)
{
    format.bits_per_row = 32;
    return format;
}

NumberFormat only_in_experts(NumberFormat format)
{
    format.experts_only = true;
    return format;
}

NumberFormat nominal(std::string_view bytes_text, std::string_view label, double bytes, ComputeType compute)
{
    return {.id = "nominal:" + std::string(bytes_text),
            .label = std::string(label),
            .bits = bytes * 8,
            .compute = compute,
            .for_weights = true,
            .for_kv_cache = true,
            .for_activations = true,
            .nominal = true,
            .source = "a round width without scales, for every tensor"};
}

// Compositions: vLLM model_executor/layers/quantization, bitsandbytes functional.py, llama.cpp ggml-common.h; FP8 per
// channel, INT8 per channel and FP8 block 128 reproduce the weight sizes that vLLM logs for Llama-3.1-70B W8A8 and
// Qwen3-8B-FP8 to 0.02 %.
void add_plain(std::vector<NumberFormat>& formats)
{
    formats.push_back(plain("fp32", "FP32", 32, ComputeType::fp32));
    formats.push_back(plain("bf16", "BF16", 16, ComputeType::bf16));
    formats.push_back(plain("fp16", "FP16", 16, ComputeType::fp16));
}

void add_8_bit(std::vector<NumberFormat>& formats)
{
    formats.push_back(quantized("fp8", "FP8, per tensor", 8, ComputeType::fp8, everywhere,
                                "one fp32 scale per tensor: vLLM fp8.py, KVQuantMode.FP8_PER_TENSOR"));
    formats.push_back(per_channel(quantized("fp8_per_channel", "FP8, per channel", 8, ComputeType::fp8, weights_only,
                                            "one fp32 scale per output channel: compressed-tensors W8A8")));
    formats.push_back(quantized("fp8_block128", "FP8, blocks of 128 × 128", grouped_bits(8, 32, 128.0 * 128.0),
                                ComputeType::fp8, weights_only,
                                "fp32 weight_scale_inv per 128 × 128 block: vLLM fp8.py"));
    formats.push_back(quantized("mxfp8", "MXFP8", grouped_bits(8, 8, 32), ComputeType::fp8, weights_only,
                                "8-bit scale per 32: OCP Microscaling Formats 1.0"));
    // Weights have a scale per output channel; the cache and activations have one per tensor.
    formats.push_back(per_channel(quantized("int8", "INT8, per channel", 8, ComputeType::int8, everywhere,
                                            "one fp32 scale per output channel: compressed-tensors W8A8")));
    formats.push_back(per_channel(quantized("bnb_int8", "bitsandbytes LLM.int8()", 8, ComputeType::int8, weights_only,
                                            "fp32 SCB per row: bitsandbytes nn/modules.py")));
    formats.push_back(quantized("gptq_8bit_g128", "GPTQ 8-bit, group 128", grouped_bits(8, 16 + 8, 128),
                                ComputeType::bf16, weights_only,
                                "fp16 scale and packed 8-bit zero per group: vLLM auto_gptq.py create_weights"));
}

void add_4_bit(std::vector<NumberFormat>& formats)
{
    constexpr std::string_view gptq =
        "fp16 scale and packed 4-bit zero per group: vLLM auto_gptq.py create_weights; without activation order";
    formats.push_back(quantized("nvfp4", "NVFP4", grouped_bits(4, 8, 16), ComputeType::fp4, {true, true, false},
                                "fp8 scale per 16: vLLM modelopt.py; ggml block_nvfp4, 36 bytes per 64"));
    // Run with 16-bit activations: vLLM's Marlin path, and what llm-compressor's MXFP4A16 stands for.
    formats.push_back(quantized("mxfp4", "MXFP4", grouped_bits(4, 8, 32), ComputeType::bf16, weights_only,
                                "8-bit scale per 32: ggml block_mxfp4, 17 bytes per 32"));
    formats.push_back(only_in_experts(quantized("mxfp4_experts", "MXFP4 in the experts (gpt-oss)",
                                                grouped_bits(4, 8, 32), ComputeType::bf16, weights_only,
                                                "8-bit scale per 32, routed experts only: as gpt-oss is published")));
    formats.push_back(quantized("gptq_4bit_g128", "GPTQ 4-bit, group 128", grouped_bits(4, 16 + 4, 128),
                                ComputeType::bf16, weights_only, gptq));
    formats.push_back(quantized("gptq_4bit_g64", "GPTQ 4-bit, group 64", grouped_bits(4, 16 + 4, 64), ComputeType::bf16,
                                weights_only, gptq));
    formats.push_back(quantized("gptq_4bit_g32", "GPTQ 4-bit, group 32", grouped_bits(4, 16 + 4, 32), ComputeType::bf16,
                                weights_only, gptq));
    formats.push_back(quantized("awq_4bit_g128", "AWQ 4-bit, group 128", grouped_bits(4, 16 + 4, 128),
                                ComputeType::bf16, weights_only,
                                "fp16 scale and packed 4-bit zero per group: vLLM awq.py"));
    formats.push_back(quantized("w4a16_g128", "W4A16 symmetric, group 128", grouped_bits(4, 16, 128), ComputeType::bf16,
                                weights_only, "16-bit scale per group, no zeros: vLLM compressed_tensors_wNa16.py"));
    formats.push_back(quantized("bnb_nf4", "bitsandbytes NF4", grouped_bits(4, 32, 64), ComputeType::bf16, weights_only,
                                "fp32 absmax per 64: bitsandbytes functional.py quantize_4bit"));
    formats.push_back(quantized("bnb_nf4_double_quant", "bitsandbytes NF4, double quantization",
                                4 + 8.0 / 64 + 32.0 / (64 * 256), ComputeType::bf16, weights_only,
                                "int8 absmax per 64, fp32 per 256 of them: bitsandbytes functional.py"));
    formats.push_back(quantized("hqq_4bit_g64", "HQQ 4-bit, group 64", grouped_bits(4, 16 + 16, 64), ComputeType::bf16,
                                weights_only, "fp16 scale and fp16 zero per group; not checked against a run"));
}

/// llama.cpp's cache types: blocks of 32 with the bytes that ggml-common.h asserts.
void add_ggml_cache_types(std::vector<NumberFormat>& formats)
{
    struct Block
    {
        std::string_view id, label;
        double bytes_per_32;
    };
    static constexpr std::array<Block, 6> blocks = {{{"q8_0", "Q8_0", 34},
                                                     {"q5_1", "Q5_1", 24},
                                                     {"q5_0", "Q5_0", 22},
                                                     {"q4_1", "Q4_1", 20},
                                                     {"q4_0", "Q4_0", 18},
                                                     {"iq4_nl", "IQ4_NL", 18}}};
    for (const Block& block : blocks)
        formats.push_back(quantized(block.id, block.label, block.bytes_per_32 * 8 / 32, ComputeType::bf16,
                                    kv_cache_only, "bytes per block of 32: llama.cpp ggml-common.h"));
}

void add_nominal(std::vector<NumberFormat>& formats)
{
    formats.push_back(nominal("4", "FP32 (4 bytes)", 4, ComputeType::fp32));
    formats.push_back(nominal("2", "BF16 / FP16 (2 bytes)", 2, ComputeType::bf16));
    formats.push_back(nominal("1", "FP8 / INT8 (1 byte)", 1, ComputeType::fp8));
    formats.push_back(nominal("0.5", "NVFP4 / MXFP4 / INT4 (0.5 bytes)", 0.5, ComputeType::bf16));
}

NumberFormat gguf_format(const GgufMixName& mix, bool imatrix)
{
    const std::string name = std::string(mix.name) + (imatrix ? "+imatrix" : "");
    NumberFormat format = quantized("gguf:" + name, "GGUF " + name, typical_bits(mix, imatrix), ComputeType::bf16,
                                    weights_only, "types by tensor: llama.cpp llama-quant.cpp");
    format.by_tensor = true;
    return format;
}

/// Their bits are those of a whole file: most have several types.
void add_gguf_mixes(std::vector<NumberFormat>& formats)
{
    for (const GgufMixName& mix : gguf_mixes())
        formats.push_back(gguf_format(mix, false));
}

NumberFormat mlx_format(const MlxMix& mix)
{
    const bool caches = mix.usual.affine && !mix.more_bits; // mx.quantize of keys and values
    NumberFormat format = quantized("mlx:" + mix.name, mix.label, mix.bits(), ComputeType::bf16,
                                    {.weights = true, .kv_cache = caches}, "mlx/ops.cpp, quantize; mlx_lm/convert.py");
    format.by_tensor = true;
    return format;
}

void add_mlx(std::vector<NumberFormat>& formats)
{
    for (const std::string_view name : mlx_mix_names())
        formats.push_back(mlx_format(*find_mlx_mix(name)));
}

NumberFormat exl_format(const ExlMix& mix)
{
    NumberFormat format =
        quantized((mix.third ? "exl3:" : "exl2:") + mix.name(), mix.label(), mix.bits, ComputeType::bf16, weights_only,
                  "a mean width, the head's its own: exllamav3 conversion/allocation.py");
    format.by_tensor = true;
    return format;
}

NumberFormat exl_cache_format(const ExlCacheBits& bits)
{
    const bool alike = bits.keys == bits.values;
    const std::string label =
        "EXL3 cache, " + std::to_string(bits.keys) + (alike ? "" : " and " + std::to_string(bits.values)) + " bits";
    return quantized(exl_cache_name(bits), label,
                     static_cast<double>(bits.keys + bits.values) / 2 + exl_cache_scale_bits, ComputeType::bf16,
                     kv_cache_only, "fp16 scale per 32: exllamav3 cache/quant.py");
}

void add_exl(std::vector<NumberFormat>& formats)
{
    for (const std::string_view name : exl3_mix_names())
        formats.push_back(exl_format(*find_exl_mix(name)));
    for (const std::int64_t bits : {4, 6, 8})
        formats.push_back(exl_cache_format({bits, bits}));
}

/// LMDeploy's caches of 4 and 8 bits, with a scale and a zero point of fp16 for every head: here one of 128 numbers.
void add_quant_policies(std::vector<NumberFormat>& formats)
{
    for (const std::int64_t bits : {4, 8}) {
        const std::string number = std::to_string(bits);
        formats.push_back(quantized("quant_policy:" + number, "LMDeploy INT" + number,
                                    grouped_bits(static_cast<double>(bits), 16 + 16, 128), ComputeType::bf16,
                                    kv_cache_only, "fp16 scale and zero per head and token: lmdeploy cache_engine.py"));
    }
}

void add_checkpoint(std::vector<NumberFormat>& formats)
{
    NumberFormat format = quantized(checkpoint_format, "As in the checkpoint", 16, ComputeType::bf16, weights_only,
                                    "the model's file or its quantization_config; else its dtype");
    format.by_tensor = true;
    formats.push_back(std::move(format));
}

/// `mixes`: with those of GGUF, whose bits take a walk over a network each.
std::vector<NumberFormat> make_formats(bool mixes)
{
    std::vector<NumberFormat> formats;
    formats.reserve(96);
    add_plain(formats);
    add_8_bit(formats);
    add_4_bit(formats);
    add_mlx(formats);
    add_exl(formats);
    add_quant_policies(formats);
    add_checkpoint(formats);
    if (mixes)
        add_gguf_mixes(formats);
    add_ggml_cache_types(formats);
    add_nominal(formats);
    return formats;
}

struct Alias
{
    std::string_view name;
    std::string_view id;
};

/// Other spellings: torch, ggml and vLLM name the same types differently.
constexpr std::array<Alias, 30> aliases = {{{"f32", "fp32"},
                                            {"float32", "fp32"},
                                            {"bfloat16", "bf16"},
                                            {"f16", "fp16"},
                                            {"float16", "fp16"},
                                            {"half", "fp16"},
                                            {"fp8_e4m3", "fp8"},
                                            {"fp8_e5m2", "fp8"},
                                            {"nf4", "bnb_nf4"},
                                            {"bitsandbytes", "bnb_nf4"},
                                            {"bnb", "bnb_nf4"},
                                            {"modelopt", "fp8"},
                                            {"modelopt_fp8", "fp8"},
                                            {"modelopt_fp4", "nvfp4"},
                                            {"fp8_dynamic", "fp8_per_channel"},
                                            {"fbgemm_fp8", "fp8_per_channel"},
                                            {"ptpc_fp8", "fp8_per_channel"},
                                            {"w8a8_fp8", "fp8_per_channel"},
                                            {"w8a8_int8", "int8"},
                                            {"w8a8", "int8"},
                                            {"int4", "w4a16_g128"},
                                            {"w4a16", "w4a16_g128"},
                                            {"autoround", "gptq_4bit_g128"},
                                            {"auto-round", "gptq_4bit_g128"},
                                            {"gptq_marlin", "gptq_4bit_g128"},
                                            {"awq_marlin", "awq_4bit_g128"},
                                            {"fp8_ds_mla", "fp8"},
                                            {"fp8_inc", "fp8"},
                                            {"nvfp4_ds_mla", "nvfp4"},
                                            {"int8_per_token_head", "int8"}}};

struct UseWords
{
    std::string_view field;
    std::string_view noun;
};

UseWords words_of(FormatUse use)
{
    switch (use) {
    case FormatUse::weights:
        return {"precision.weights", "weights"};
    case FormatUse::kv_cache:
        return {"precision.kv_cache", "the KV cache"};
    case FormatUse::activations:
        return {"precision.activations", "activations"};
    }
    return {};
}

bool serves(const NumberFormat& format, FormatUse use)
{
    switch (use) {
    case FormatUse::weights:
        return format.for_weights;
    case FormatUse::kv_cache:
        return format.for_kv_cache;
    case FormatUse::activations:
        return format.for_activations;
    }
    return false;
}

Error refused(std::string message, FormatUse use)
{
    return {std::string(words_of(use).field), std::move(message)};
}

/// The whole of `text` as a number within [minimum, maximum].
std::optional<double> number_within(std::string_view text, double minimum, double maximum)
{
    double value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc{} || end != text.data() + text.size() || !(value >= minimum && value <= maximum))
        return std::nullopt;
    return value;
}

const NumberFormat* listed(std::string_view id)
{
    for (const Alias& alias : aliases)
        if (equal_ignoring_case(alias.name, id))
            id = alias.id;
    static const std::vector<NumberFormat> but_mixes = make_formats(false); // what most scenarios name
    const auto in = [&](std::span<const NumberFormat> formats) -> const NumberFormat* {
        const auto found = std::find_if(formats.begin(), formats.end(),
                                        [&](const NumberFormat& format) { return equal_ignoring_case(format.id, id); });
        return found != formats.end() ? &*found : nullptr;
    };
    const NumberFormat* found = in(but_mixes);
    const bool is_mix = equal_ignoring_case(id.substr(0, 5), "gguf:");
    return found != nullptr || !is_mix ? found : in(number_formats());
}

Result<NumberFormat> nominal_format(std::string_view id, std::string_view bytes_text, FormatUse use)
{
    const auto bytes = number_within(bytes_text, 0.125, 8);
    if (!bytes)
        return refused(in_quotes(id) + " is not understood; nominal:BYTES takes 0.125 to 8 bytes per element", use);
    const std::string canonical = formula_number(*bytes);
    if (const NumberFormat* known = listed("nominal:" + canonical))
        return *known;
    return nominal(canonical, canonical + " bytes per element", *bytes,
                   *bytes >= 4 ? ComputeType::fp32 : ComputeType::bf16);
}

Result<NumberFormat> bits_format(std::string_view id, std::string_view bits_text, FormatUse use)
{
    const auto bits = number_within(bits_text, 1, 64);
    if (!bits)
        return refused(in_quotes(id) + " is not understood; bits:N takes 1 to 64 bits per element", use);
    const std::string canonical = formula_number(*bits);
    return NumberFormat{.id = "bits:" + canonical,
                        .label = canonical + " bits per element",
                        .bits = *bits,
                        .compute = *bits >= 32 ? ComputeType::fp32 : ComputeType::bf16,
                        .for_weights = true,
                        .for_kv_cache = true,
                        .for_activations = true,
                        .source = "a width typed in, for every tensor"};
}

/// "IQ4_XS+imatrix"; mixes that need an importance matrix are the same without saying so.
std::optional<NumberFormat> gguf_with_imatrix(std::string_view name)
{
    constexpr std::string_view ending = "+imatrix";
    const bool imatrix =
        name.size() > ending.size() && equal_ignoring_case(name.substr(name.size() - ending.size()), ending);
    if (imatrix)
        name.remove_suffix(ending.size());
    const GgufMixName* mix = find_gguf_mix(name);
    if (mix == nullptr)
        return std::nullopt;
    const NumberFormat* usual = listed("gguf:" + std::string(mix->name));
    if (usual != nullptr && (!imatrix || mix->needs_imatrix))
        return *usual;
    return gguf_format(*mix, imatrix && !mix->needs_imatrix);
}

/// "ik:IQ4_KS": a type of ik_llama.cpp's, under its own name.
std::optional<NumberFormat> ik_spelling(std::string_view id)
{
    constexpr std::string_view start = "ik:";
    if (!equal_ignoring_case(id.substr(0, start.size()), start))
        return std::nullopt;
    const GgufMixName* mix = find_gguf_mix(id.substr(start.size()));
    if (mix == nullptr)
        return std::nullopt;
    NumberFormat format = gguf_format(*mix, false);
    format.id = "ik:" + std::string(mix->name);
    format.label = "ik_llama.cpp " + std::string(mix->name);
    return format;
}

Error unknown_format(std::string_view id, FormatUse use)
{
    std::vector<std::string_view> known;
    for (const NumberFormat& format : number_formats())
        if (serves(format, use))
            known.push_back(format.id);
    return refused(in_quotes(id) + " is not a format for " + std::string(words_of(use).noun) +
                       nearest_clause(id, known) +
                       ". \"weighbridge list formats\" names all; nominal:BYTES and bits:N are read too",
                   use);
}

/// What people say for weights: "Q4_K_M" of a GGUF file, "awq" and "gptq" of their usual 4 bits in groups of 128.
std::optional<NumberFormat> short_spelling(std::string_view id)
{
    if (auto mix = gguf_with_imatrix(id))
        return mix;
    for (const std::string_view method : {"awq", "gptq"})
        if (equal_ignoring_case(id, method))
            return *listed(std::string(method) + "_4bit_g128");
    return std::nullopt;
}

/// "mlx:4bit_g64", and "mlx_4bit_g64" as tables of quality spell it.
std::optional<NumberFormat> mlx_spelling(std::string_view id)
{
    constexpr std::size_t start = 4;
    if (!equal_ignoring_case(id.substr(0, 3), "mlx") || id.size() <= start || (id[3] != ':' && id[3] != '_'))
        return std::nullopt;
    std::string name(id.substr(start));
    std::transform(name.begin(), name.end(), name.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
    });
    const auto mix = find_mlx_mix(name);
    return mix ? std::optional(mlx_format(*mix)) : std::nullopt;
}

/// "exl3:4.0", "exl3:4.0bpw_h6", "exl3_4.0" as tables of quality spell it, and a bare "4.0bpw" of a repository's name.
std::optional<NumberFormat> exl_spelling(std::string_view id, FormatUse use)
{
    if (use == FormatUse::kv_cache) {
        const auto bits = find_exl_cache(id);
        return bits ? std::optional(exl_cache_format(*bits)) : std::nullopt;
    }
    constexpr std::size_t start = 5;
    const bool second = equal_ignoring_case(id.substr(0, start - 1), "exl2");
    const bool third = equal_ignoring_case(id.substr(0, start - 1), "exl3");
    const bool bare = !second && !third && id.find("bpw") != std::string_view::npos;
    if (use != FormatUse::weights || (!bare && !second && !third))
        return std::nullopt;
    if (!bare && (id.size() <= start || (id[start - 1] != ':' && id[start - 1] != '_')))
        return std::nullopt;
    const auto mix = find_exl_mix(bare ? id : id.substr(start), !second);
    return mix ? std::optional(exl_format(*mix)) : std::nullopt;
}

/// LMDeploy's numbers for a cache's format: 0, 4, 8, 16 and 17 (lmdeploy/messages.py, QuantPolicy).
std::string_view without_policy_number(std::string_view id)
{
    constexpr std::array<Alias, 8> numbers = {{{"0", "bf16"},
                                               {"4", "quant_policy:4"},
                                               {"8", "quant_policy:8"},
                                               {"16", "fp8"},
                                               {"17", "fp8"},
                                               {"quant_policy:0", "bf16"},
                                               {"quant_policy:16", "fp8"},
                                               {"quant_policy:17", "fp8"}}};
    const auto found =
        std::find_if(numbers.begin(), numbers.end(), [&](const Alias& number) { return number.name == id; });
    return found != numbers.end() ? found->id : id;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view start)
{
    return equal_ignoring_case(text.substr(0, start.size()), start);
}

} // namespace

std::string_view compute_type_name(ComputeType type)
{
    switch (type) {
    case ComputeType::fp32:
        return "FP32";
    case ComputeType::bf16:
        return "BF16";
    case ComputeType::fp16:
        return "FP16";
    case ComputeType::fp8:
        return "FP8";
    case ComputeType::int8:
        return "INT8";
    case ComputeType::fp4:
        return "FP4";
    case ComputeType::int4:
        return "INT4";
    }
    return "BF16";
}

std::span<const NumberFormat> number_formats()
{
    static const std::vector<NumberFormat> formats = make_formats(true);
    return formats;
}

Result<NumberFormat> find_format(std::string_view id, FormatUse use)
{
    constexpr std::string_view nominal_start = "nominal:", bits_start = "bits:", gguf_start = "gguf:";
    if (starts_with_ignoring_case(id, nominal_start))
        return nominal_format(id, id.substr(nominal_start.size()), use);
    if (starts_with_ignoring_case(id, bits_start))
        return bits_format(id, id.substr(bits_start.size()), use);
    if (starts_with_ignoring_case(id, gguf_start))
        if (const auto mix = gguf_with_imatrix(id.substr(gguf_start.size())); mix && use == FormatUse::weights)
            return *mix;
    if (const auto ik = ik_spelling(id); ik && use == FormatUse::weights)
        return *ik;
    if (const auto mlx = mlx_spelling(id); mlx && serves(*mlx, use))
        return *mlx;
    if (auto exl = exl_spelling(id, use))
        return std::move(*exl);
    if (use == FormatUse::kv_cache)
        id = without_policy_number(id);
    const NumberFormat* format = listed(id);
    if (use == FormatUse::weights && (format == nullptr || !serves(*format, use)))
        if (auto meant = short_spelling(id))
            return std::move(*meant);
    if (format == nullptr)
        return unknown_format(id, use);
    if (!serves(*format, use))
        return refused("\"" + format->id + "\" is no format for " + std::string(words_of(use).noun) +
                           "; \"weighbridge list formats\" names those that are",
                       use);
    return *format;
}

bool takes(const NumberFormat& format, const Tensor& tensor)
{
    if (format.column)
        return format.column->bits(tensor) < 16;
    if (format.takes_all_tensors)
        return true;
    return tensor.quantizable && (!format.experts_only || tensor.part == Part::experts);
}

double bytes_per_element(const NumberFormat& format, const Tensor& tensor)
{
    if (format.column)
        return format.column->bits(tensor) / 8;
    if (!takes(format, tensor))
        return unquantized_bytes;
    return (format.bits + format.bits_per_row / static_cast<double>(tensor.columns.value)) / 8;
}

} // namespace weighbridge
