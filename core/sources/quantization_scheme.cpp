#include "core/sources/quantization_scheme.h"

#include "core/precision/mlx_rules.h"
#include "core/quantity/formula.h"
#include "core/quantity/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string_view>

namespace weighbridge {

namespace {

using nlohmann::json;

/// Lists as long as these are no one's; what is beyond is left out with a note.
constexpr std::size_t most_rules = 20'000;
constexpr std::size_t most_patterns = 256;
constexpr std::size_t longest_name = 512;

const json* member(const json& object, std::string_view key)
{
    if (!object.is_object())
        return nullptr;
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const json& object, std::string_view key)
{
    const json* found = member(object, key);
    return found != nullptr && found->is_string() && found->get_ref<const std::string&>().size() <= longest_name
               ? lower_case(found->get<std::string>())
               : std::string();
}

bool flag_of(const json& object, std::string_view key, bool fallback = false)
{
    const json* found = member(object, key);
    return found != nullptr && found->is_boolean() ? found->get<bool>() : fallback;
}

/// A number that a width or a group may be; nothing where it is none.
std::optional<double> number_of(const json& object, std::string_view key)
{
    const json* found = member(object, key);
    if (found == nullptr || !found->is_number())
        return std::nullopt;
    const auto value = found->get<double>();
    return value >= -1 && value <= 65'536 ? std::optional(value) : std::nullopt;
}

bool is_width(std::optional<double> bits)
{
    return bits && *bits >= 1 && *bits <= 16;
}

std::string plain(double value)
{
    return formula_number(value);
}

/// Integers of `bits` with a scale and a zero point per group of inputs; a group of -1 is a whole row.
StorageScheme grouped_integers(double bits, double group, double scale_bits, double zero_bits = 0)
{
    StorageScheme scheme{.bits = bits, .layout = {.element = bits}};
    if (group > 0) {
        scheme.bits += (scale_bits + zero_bits) / group;
        scheme.layout.group = group;
        scheme.layout.scale = scale_bits;
        scheme.layout.zero = zero_bits;
    } else {
        scheme.row_bits = scheme.layout.row = scale_bits + zero_bits;
    }
    return scheme;
}

/// fp32 scales of blocks.
StorageScheme blocks_of(double bits, double rows, double columns)
{
    return {.bits = bits + 32 / (rows * columns),
            .layout = {.element = bits, .group = columns, .block_rows = rows, .scale = 32}};
}

std::string group_text(double group)
{
    return group > 0 ? ", group " + plain(group) : ", per channel";
}

StorageScheme per_channel_8_bit()
{
    return {.bits = 8, .row_bits = 32, .layout = {.element = 8, .row = 32}};
}

void add_rules(QuantizationScheme& result, const json* names, const std::optional<StorageScheme>& scheme)
{
    if (names == nullptr || !names->is_array())
        return;
    std::size_t patterns =
        static_cast<std::size_t>(std::count_if(result.rules.begin(), result.rules.end(), [](const SchemeRule& rule) {
            return rule.spelling != SchemeRule::Spelling::name;
        }));
    for (const json& name : *names) {
        if (!name.is_string() || name.get_ref<const std::string&>().size() > longest_name)
            continue;
        SchemeRule rule{.text = name.get<std::string>(), .scheme = scheme};
        if (rule.text.starts_with("re:")) {
            rule.spelling = SchemeRule::Spelling::expression;
            rule.text.erase(0, 3);
        } else if (rule.text.find('*') != std::string::npos) {
            rule.spelling = SchemeRule::Spelling::glob;
        }
        if (rule.spelling != SchemeRule::Spelling::name && ++patterns > most_patterns)
            continue;
        if (result.rules.size() < most_rules)
            result.rules.push_back(std::move(rule));
    }
}

/// The modules that a method leaves out, under the names that methods have for the list.
void add_left_out(QuantizationScheme& result, const json& config)
{
    for (const std::string_view key : {"modules_to_not_convert", "ignored_layers", "ignore", "exclude_modules",
                                       "exclude", "skip_modules", "llm_int8_skip_modules", "modules_to_skip"})
        add_rules(result, member(config, key), std::nullopt);
}

std::optional<QuantizationScheme> simple(std::string label, ComputeType compute, StorageScheme scheme,
                                         const json& config)
{
    QuantizationScheme result;
    result.label = std::move(label);
    result.compute = compute;
    result.usual = scheme;
    add_left_out(result, config);
    return result;
}

/// vLLM fp8.py: blocks with weight_scale_inv in fp32, or one scale per tensor.
std::optional<QuantizationScheme> read_fp8(const json& config)
{
    const json* block = member(config, "weight_block_size");
    if (block == nullptr)
        return simple("FP8, per tensor", ComputeType::fp8, {.bits = 8}, config);
    if (!block->is_array() || block->size() != 2 || !(*block)[0].is_number() || !(*block)[1].is_number())
        return std::nullopt;
    const auto rows = (*block)[0].get<double>(), columns = (*block)[1].get<double>();
    if (!(rows >= 1 && rows <= 65'536 && columns >= 1 && columns <= 65'536))
        return std::nullopt;
    return simple("FP8, blocks of " + plain(rows) + " × " + plain(columns), ComputeType::fp8,
                  blocks_of(8, rows, columns), config);
}

/// vLLM auto_gptq.py: fp16 scale and packed zero per group, an int32 per input for the order of activations.
std::optional<QuantizationScheme> read_gptq(const json& config)
{
    const auto bits = number_of(config, "bits"), group = number_of(config, "group_size");
    if (!is_width(bits))
        return std::nullopt;
    const double per = group.value_or(128);
    StorageScheme scheme = grouped_integers(*bits, per, 16, *bits);
    scheme.column_bits = 32;
    auto result = simple("GPTQ " + plain(*bits) + "-bit" + group_text(per), ComputeType::bf16, scheme, config);
    result->takes_head = flag_of(config, "lm_head");
    if (member(config, "dynamic") != nullptr)
        result->notes.push_back("its list of modules with widths of their own (dynamic) is not counted");
    return result;
}

std::optional<QuantizationScheme> read_awq(const json& config)
{
    auto bits = number_of(config, "bits");
    if (!bits)
        bits = number_of(config, "w_bit");
    auto group = number_of(config, "group_size");
    if (!group)
        group = number_of(config, "q_group_size");
    if (!is_width(bits))
        return std::nullopt;
    const double zero = flag_of(config, "zero_point", true) ? *bits : 0;
    return simple("AWQ " + plain(*bits) + "-bit" + group_text(group.value_or(128)), ComputeType::bf16,
                  grouped_integers(*bits, group.value_or(128), 16, zero), config);
}

/// AutoRound packs as GPTQ or AWQ do, without g_idx where the order is kept.
std::optional<QuantizationScheme> read_auto_round(const json& config)
{
    const auto bits = number_of(config, "bits"), group = number_of(config, "group_size");
    if (!is_width(bits))
        return std::nullopt;
    auto result = simple("AutoRound " + plain(*bits) + "-bit" + group_text(group.value_or(128)), ComputeType::bf16,
                         grouped_integers(*bits, group.value_or(128), 16, *bits), config);
    if (member(config, "extra_config") != nullptr)
        result->notes.push_back("its list of modules with widths of their own (extra_config) is not counted");
    return result;
}

std::optional<QuantizationScheme> read_bitsandbytes(const json& config)
{
    if (flag_of(config, "load_in_8bit") || flag_of(config, "_load_in_8bit"))
        return simple("bitsandbytes LLM.int8()", ComputeType::int8, per_channel_8_bit(), config);
    const std::string type = text_of(config, "bnb_4bit_quant_type") == "fp4" ? "FP4" : "NF4";
    if (flag_of(config, "bnb_4bit_use_double_quant"))
        return simple("bitsandbytes " + type + ", double quantization", ComputeType::bf16,
                      {.bits = 4 + 8.0 / 64 + 32.0 / (64 * 256)}, config);
    return simple("bitsandbytes " + type, ComputeType::bf16, {.bits = 4 + 32.0 / 64}, config);
}

/// One scheme of compressed-tensors, or of the tools that write its config_groups.
struct NamedScheme
{
    std::string label;
    ComputeType compute = ComputeType::bf16;
    StorageScheme scheme;
};

std::optional<NamedScheme> read_weights(const json& weights, bool activations_too)
{
    const auto bits = number_of(weights, "num_bits");
    const std::string type = text_of(weights, "type"), strategy = text_of(weights, "strategy");
    if (!is_width(bits))
        return std::nullopt;
    const double group = number_of(weights, "group_size").value_or(-1);
    const bool floating = type == "float";
    if (floating && *bits == 4) {
        const bool nv = group == 16;
        return NamedScheme{nv ? "NVFP4" : "MXFP4", nv && activations_too ? ComputeType::fp4 : ComputeType::bf16,
                           grouped_integers(4, nv ? 16 : 32, 8)};
    }
    const ComputeType compute = !activations_too ? ComputeType::bf16
                                : floating       ? ComputeType::fp8
                                : *bits == 8     ? ComputeType::int8
                                                 : ComputeType::bf16;
    const std::string name = (floating ? "FP" : "INT") + plain(*bits);
    if (strategy == "tensor")
        return NamedScheme{name + ", per tensor", compute, {.bits = *bits}};
    if (strategy == "block") {
        const json* block = member(weights, "block_structure");
        const bool given = block != nullptr && block->is_array() && block->size() == 2 && (*block)[0].is_number() &&
                           (*block)[1].is_number();
        const double rows = given ? (*block)[0].get<double>() : 128;
        const double columns = given ? (*block)[1].get<double>() : 128;
        if (!(rows >= 1 && columns >= 1))
            return std::nullopt;
        return NamedScheme{name + ", blocks", compute, blocks_of(*bits, rows, columns)};
    }
    if (floating && *bits == 8 && strategy == "group" && group == 32)
        return NamedScheme{"MXFP8", compute, {.bits = 8 + 8.0 / 32}};
    if ((strategy == "group" || strategy == "tensor_group") && group > 0) {
        const double zero = flag_of(weights, "symmetric", true) ? 0 : *bits;
        return NamedScheme{name + group_text(group), compute, grouped_integers(*bits, group, 16, zero)};
    }
    return NamedScheme{
        name + ", per channel", compute, {.bits = *bits, .row_bits = 32, .layout = {.element = *bits, .row = 32}}};
}

/// compressed-tensors: groups of modules with a scheme each; "Linear" means every matrix, lm_head included.
std::optional<QuantizationScheme> read_config_groups(const json& config, std::string_view tool)
{
    const json* groups = member(config, "config_groups");
    if (groups == nullptr || !groups->is_object() || groups->empty())
        return std::nullopt;
    QuantizationScheme result;
    add_left_out(result, config);
    for (const auto& [name, group] : groups->items()) {
        const json* weights = member(group, "weights");
        if (weights == nullptr)
            continue;
        const auto scheme = read_weights(*weights, member(group, "input_activations") != nullptr);
        if (!scheme)
            return std::nullopt;
        if (result.label.empty()) {
            result.label = std::string(tool) + " " + scheme->label;
            result.compute = scheme->compute;
        }
        const json* targets = member(group, "targets");
        const bool every = targets == nullptr || !targets->is_array() ||
                           std::any_of(targets->begin(), targets->end(), [](const json& target) {
                               return target == "Linear" || target == "MoELinear" || target == "FusedMoE";
                           });
        if (every) {
            result.usual = scheme->scheme;
            result.takes_head = true;
        } else {
            add_rules(result, targets, scheme->scheme);
        }
    }
    if (result.label.empty())
        return std::nullopt;
    if (text_of(config, "format").starts_with("marlin-24") || member(config, "sparsity_config") != nullptr) {
        const json* sparsity = member(config, "sparsity_config");
        if (sparsity == nullptr ||
            (sparsity->is_object() && !sparsity->empty() && text_of(*sparsity, "format") != "dense"))
            result.notes.push_back("its sparsity is not counted: every element is");
    }
    return result;
}

/// NVIDIA ModelOpt names an algorithm; older files nest it under "quantization".
std::optional<NamedScheme> modelopt_scheme(const std::string& algorithm, const json& config)
{
    const double group = number_of(config, "group_size").value_or(0);
    if (algorithm == "fp8")
        return NamedScheme{"FP8, per tensor", ComputeType::fp8, {.bits = 8}};
    if (algorithm == "fp8_pb_wo" || algorithm == "fp8_pb_real_quant")
        return NamedScheme{"FP8, blocks of 128 × 128", ComputeType::fp8, blocks_of(8, 128, 128)};
    if (algorithm == "fp8_per_channel_per_token")
        return NamedScheme{"FP8, per channel", ComputeType::fp8, per_channel_8_bit()};
    if (algorithm == "nvfp4" || algorithm == "nvfp4_awq" || algorithm == "w4a4_nvfp4" || algorithm == "w4a16_nvfp4")
        return NamedScheme{"NVFP4", algorithm == "w4a16_nvfp4" ? ComputeType::bf16 : ComputeType::fp4,
                           grouped_integers(4, group > 0 ? group : 16, 8)};
    if (algorithm == "mxfp8")
        return NamedScheme{"MXFP8", ComputeType::fp8, {.bits = 8.25}};
    if (algorithm == "mxfp4" || algorithm == "w4a8_mxfp4_fp8")
        return NamedScheme{"MXFP4", ComputeType::bf16, {.bits = 4.25}};
    if (algorithm == "w4a16_awq" || algorithm == "int4_awq" || algorithm == "w4a8_awq")
        return NamedScheme{"INT4" + group_text(group > 0 ? group : 128), ComputeType::bf16,
                           grouped_integers(4, group > 0 ? group : 128, 16)};
    if (algorithm == "int8_sq" || algorithm == "w8a8_sq_per_channel")
        return NamedScheme{"INT8, per channel", ComputeType::int8, per_channel_8_bit()};
    return std::nullopt;
}

std::optional<QuantizationScheme> read_modelopt(const json& whole)
{
    const json* nested = member(whole, "quantization");
    const json& config = nested != nullptr && nested->is_object() ? *nested : whole;
    const std::string algorithm = text_of(config, "quant_algo");
    QuantizationScheme result;
    add_left_out(result, config);
    if (const json* layers = member(config, "quantized_layers"); layers != nullptr && layers->is_object()) {
        for (const auto& [name, layer] : layers->items()) {
            const auto scheme = modelopt_scheme(text_of(layer, "quant_algo"), layer);
            if (!scheme)
                return std::nullopt;
            const json names = json::array({name});
            add_rules(result, &names, scheme->scheme);
            result.compute = scheme->compute;
        }
        result.label = "ModelOpt, mixed precision";
        return result;
    }
    if (const auto scheme = modelopt_scheme(algorithm, config)) {
        result.label = "ModelOpt " + scheme->label;
        result.compute = scheme->compute;
        result.usual = scheme->scheme;
        return result;
    }
    return read_config_groups(config, "ModelOpt");
}

/// HQQ: fp16 scale and zero per group.
std::optional<QuantizationScheme> read_hqq(const json& config)
{
    const json* inner = member(config, "quant_config");
    const json* weights = inner != nullptr ? member(*inner, "weight_quant_params") : nullptr;
    const json& where = weights != nullptr ? *weights : inner != nullptr ? *inner : config;
    auto bits = number_of(where, "nbits");
    if (!bits)
        bits = number_of(where, "bits");
    if (!is_width(bits))
        return std::nullopt;
    const double group = number_of(where, "group_size").value_or(64);
    return simple("HQQ " + plain(*bits) + "-bit" + group_text(group), ComputeType::bf16,
                  grouped_integers(*bits, group, 32), config);
}

/// torchao: the name of a config class with its arguments, or the older short name.
std::optional<QuantizationScheme> read_torchao(const json& config)
{
    const json* type = member(config, "quant_type");
    const json* arguments = member(config, "quant_type_kwargs");
    std::string name = text_of(config, "quant_type");
    if (type != nullptr && type->is_object()) {
        const json* usual = member(*type, "default");
        if (usual == nullptr)
            return std::nullopt;
        name = text_of(*usual, "_type");
        arguments = member(*usual, "_data");
    }
    const json none = json::object();
    const double group = number_of(arguments != nullptr ? *arguments : none, "group_size").value_or(128);
    const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
    if (has("int4"))
        return simple("torchao INT4" + group_text(group), ComputeType::bf16, grouped_integers(4, group, 32), config);
    if (has("int8"))
        return simple("torchao INT8, per channel", has("dynamic") ? ComputeType::int8 : ComputeType::bf16,
                      per_channel_8_bit(), config);
    if (has("float8"))
        return simple("torchao FP8", has("dynamic") ? ComputeType::fp8 : ComputeType::bf16, per_channel_8_bit(),
                      config);
    return std::nullopt;
}

/// AMD Quark: a data type and a scheme of scales.
std::optional<NamedScheme> quark_scheme(const json& config)
{
    const json* weight = member(config, "weight");
    if (weight != nullptr && weight->is_array() && !weight->empty())
        weight = &weight->front();
    if (weight == nullptr)
        return std::nullopt;
    const std::string type = text_of(*weight, "dtype"), scales = text_of(*weight, "qscheme");
    const double group = number_of(*weight, "group_size").value_or(0);
    const bool activations = member(config, "input_tensors") != nullptr;
    if (type == "fp4")
        return NamedScheme{"MXFP4", ComputeType::bf16, grouped_integers(4, group > 0 ? group : 32, 8)};
    if (type == "fp6_e2m3" || type == "fp6_e3m2")
        return NamedScheme{"MXFP6", ComputeType::bf16, grouped_integers(6, group > 0 ? group : 32, 8)};
    const bool eight = type.starts_with("fp8") || type == "int8" || type == "uint8";
    const double bits = eight ? 8 : type == "int4" || type == "uint4" ? 4 : 0;
    if (bits == 0)
        return std::nullopt;
    const ComputeType compute = !activations              ? ComputeType::bf16
                                : type.starts_with("fp8") ? ComputeType::fp8
                                : eight                   ? ComputeType::int8
                                                          : ComputeType::bf16;
    const std::string name = type.starts_with("fp8") ? "FP8" : "INT" + plain(bits);
    if (scales == "per_tensor")
        return NamedScheme{name + ", per tensor", compute, {.bits = bits}};
    if (scales == "per_channel")
        return NamedScheme{name + ", per channel", compute, {.bits = bits, .row_bits = 32}};
    if (scales == "per_group" && group > 0)
        return NamedScheme{name + group_text(group), compute, grouped_integers(bits, group, 16)};
    return std::nullopt;
}

std::optional<QuantizationScheme> read_quark(const json& config)
{
    const json* global = member(config, "global_quant_config");
    const auto usual = global != nullptr ? quark_scheme(*global) : std::nullopt;
    if (!usual)
        return std::nullopt;
    QuantizationScheme result;
    result.label = "Quark " + usual->label;
    result.compute = usual->compute;
    result.usual = usual->scheme;
    result.takes_head = true;
    add_left_out(result, config);
    if (const json* layers = member(config, "layer_quant_config"); layers != nullptr && layers->is_object())
        for (const auto& [name, layer] : layers->items()) {
            const auto scheme = quark_scheme(layer);
            const json names = json::array({name});
            add_rules(result, &names, scheme ? std::optional(scheme->scheme) : std::nullopt);
        }
    return result;
}

std::optional<QuantizationScheme> read_mxfp4(const json& config)
{
    auto result = simple("MXFP4 in the experts", ComputeType::bf16, {.bits = 4.25}, config);
    result->experts_only = result->mxfp4_experts = true;
    return result;
}

/// mlx_lm/utils.py, load_model: bits, a group and a mode for all modules, and the same for modules of their own, of
/// which `false` leaves one whole. Only affine may have other bits and groups than its mode's.
std::optional<MlxStorage> mlx_storage(const json& config)
{
    const json* named_mode = member(config, "mode");
    const std::string mode = named_mode != nullptr ? text_of(config, "mode") : "affine";
    auto storage = mlx_mode(mode);
    const auto bits = number_of(config, "bits"), group = number_of(config, "group_size");
    if (!storage)
        return std::nullopt;
    if (bits)
        storage->bits = *bits;
    if (group)
        storage->group = static_cast<std::int64_t>(*group);
    if (!is_width(storage->bits) || storage->group < 1)
        return std::nullopt;
    return storage;
}

StorageScheme scheme_of(const MlxStorage& storage)
{
    return {.bits = storage.width(),
            .layout = {.element = storage.bits,
                       .group = static_cast<double>(storage.group),
                       .scale = storage.affine ? 16.0 : 8.0,
                       .zero = storage.affine ? 16.0 : 0.0}};
}

std::optional<QuantizationScheme> read_mlx(const json& config)
{
    const auto usual = mlx_storage(config);
    if (!usual)
        return std::nullopt;
    QuantizationScheme result;
    result.mlx = true;
    const std::string mode = text_of(config, "mode");
    result.label = "MLX " + plain(usual->bits) + "-bit" + (mode.empty() || mode == "affine" ? "" : " (" + mode + ")") +
                   group_text(static_cast<double>(usual->group));
    result.usual = scheme_of(*usual);
    for (const auto& [name, module] : config.items()) {
        const bool is_module = name == "lm_head" || name.find('.') != std::string::npos; // and no option
        const bool left = module.is_boolean() && is_module && !module.get<bool>();
        if (!left && !module.is_object())
            continue;
        const auto own = module.is_object() ? mlx_storage(module) : std::nullopt;
        if (module.is_object() && !own)
            return std::nullopt;
        const json names = json::array({name});
        add_rules(result, &names, own ? std::optional(scheme_of(*own)) : std::nullopt);
    }
    return result;
}

/// The name of the method; older files of bitsandbytes and ModelOpt have none.
std::string method_of(const json& config)
{
    std::string method = text_of(config, "quant_method");
    if (!method.empty())
        return method;
    if (is_mlx_quantization(config))
        return "mlx";
    if (member(config, "load_in_4bit") != nullptr || member(config, "load_in_8bit") != nullptr)
        return "bitsandbytes";
    if (member(config, "quant_algo") != nullptr || member(config, "quantization") != nullptr)
        return "modelopt";
    return member(config, "config_groups") != nullptr ? "compressed-tensors" : "";
}

std::optional<QuantizationScheme> read_method(const std::string& method, const json& config)
{
    if (method == "fp8")
        return read_fp8(config);
    if (method == "mlx")
        return read_mlx(config);
    if (method == "fbgemm_fp8" || method == "ptpc_fp8" || method == "w8a8_fp8")
        return simple("FP8, per channel", ComputeType::fp8, per_channel_8_bit(), config);
    if (method.starts_with("gptq"))
        return read_gptq(config);
    if (method.starts_with("awq"))
        return read_awq(config);
    if (method == "auto-round" || method == "intel/auto-round" || method == "auto_round" || method == "inc")
        return read_auto_round(config);
    if (method == "compressed-tensors" || method == "compressed_tensors")
        return read_config_groups(config, "compressed-tensors");
    if (method == "bitsandbytes" || method == "bitsandbytes_4bit" || method == "bitsandbytes_8bit")
        return read_bitsandbytes(config);
    if (method == "mxfp4" || method == "gpt_oss_mxfp4")
        return read_mxfp4(config);
    if (method.starts_with("modelopt"))
        return read_modelopt(config);
    if (method == "hqq")
        return read_hqq(config);
    if (method == "torchao")
        return read_torchao(config);
    if (method == "quark")
        return read_quark(config);
    if (method == "mxfp8")
        return simple("MXFP8", ComputeType::fp8, {.bits = 8.25}, config);
    if (method == "eetq" || method == "w8a8_int8" || method == "tpu_int8")
        return simple("INT8, per channel", ComputeType::int8, per_channel_8_bit(), config);
    if (method == "experts_int8") {
        auto result = simple("INT8 in the experts", ComputeType::bf16, per_channel_8_bit(), config);
        result->experts_only = true;
        return result;
    }
    return std::nullopt;
}

} // namespace

bool is_mlx_quantization(const json& config)
{
    return config.is_object() && text_of(config, "quant_method").empty() && number_of(config, "bits") &&
           number_of(config, "group_size");
}

std::optional<QuantizationScheme> read_quantization_scheme(const json& quantization_config)
{
    if (!quantization_config.is_object())
        return std::nullopt;
    return read_method(method_of(quantization_config), quantization_config);
}

} // namespace weighbridge
