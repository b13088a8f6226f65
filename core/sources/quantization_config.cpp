#include "core/sources/quantization_config.h"

#include "core/precision/exl_rules.h"
#include "core/precision/gguf_mix.h"
#include "core/precision/mlx_rules.h"
#include "core/sources/json_text.h"
#include "core/sources/pattern.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;

constexpr StorageScheme unquantized{.bits = 16};

/// The method and its details, as the config spells them.
/// "fp8", "compressed-tensors/pack-quantized", "modelopt/NVFP4": what engines choose their kernels by.
std::string method_id(const json& config)
{
    const auto text = [](const json& object, const char* key) {
        const auto found = object.find(key);
        return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    std::string method = text(config, "quant_method");
    if (is_mlx_quantization(config))
        return "mlx";
    const auto nested = config.find("quantization"); // ModelOpt's own file
    const json& numbers = nested != config.end() && nested->is_object() ? *nested : config;
    const std::string algorithm = text(numbers, "quant_algo");
    if (method.empty() && !algorithm.empty())
        method = "modelopt";
    const std::string detail = !algorithm.empty() ? algorithm : text(config, "format");
    return detail.empty() ? method : method + "/" + detail;
}

std::string method_text(const json& config)
{
    const auto text = [&](const char* key) -> std::string {
        const auto found = config.find(key);
        if (found == config.end() || !found->is_string())
            return {};
        const std::string shown = brief(*found);
        return shown.substr(1, shown.size() - 2);
    };
    std::string method = text("quant_method");
    if (method.empty())
        method = "a quantized format";
    for (const char* detail : {"fmt", "format"})
        if (const std::string name = text(detail); !name.empty() && name != method)
            method += " (" + name + ")";
    return method;
}

/// What checkpoints of one family or another call the same module within a layer.
struct Spelling
{
    std::string_view ours;
    std::string_view theirs;
};

constexpr std::array<Spelling, 15> spellings = {{
    {"mlp.gate", "mlp.router"},
    {"mlp.gate", "block_sparse_moe.gate"},
    {"mlp.gate", "feed_forward.router"},
    {"mlp.gate", "moe.gate"},
    {"mlp.experts", "block_sparse_moe.experts"},
    {"mlp.experts", "feed_forward.experts"},
    {"mlp.shared_experts", "mlp.shared_expert"},
    {"mlp.shared_experts", "feed_forward.shared_expert"},
    {"mlp.", "feed_forward."},
    {"self_attn.q_proj", "self_attn.qkv_proj"},
    {"self_attn.k_proj", "self_attn.qkv_proj"},
    {"self_attn.v_proj", "self_attn.qkv_proj"},
    {"gate_proj", "gate_up_proj"},
    {"up_proj", "gate_up_proj"},
    {"self_attn.", "attention."},
}};

/// The module of a tensor: its name without ".weight".
std::string module_of(const Tensor& tensor)
{
    std::string name = tensor.name;
    for (const std::string_view ending : {".weight", ".bias"})
        if (name.ends_with(ending))
            name.resize(name.size() - ending.size());
    return name;
}

/// What mlx-lm calls them.
constexpr std::array<Spelling, 6> mlx_spellings = {{
    {"mlp.gate", "mlp.gate.gate"},
    {"mlp.gate", "mlp.gate.gate_proj"},
    {"mlp.gate", "router.proj"},
    {"moe.gate", "router.proj"},
    {"mlp.experts", "mlp.switch_mlp"},
    {"moe.experts", "experts.switch_glu"},
}};

/// Adds the module's name under another spelling, where that is part of it.
void spell(std::vector<std::string>& names, const std::string& own, const Spelling& spelling)
{
    const std::size_t at = own.find(spelling.ours);
    if (at == std::string::npos)
        return;
    const std::size_t end = at + spelling.ours.size();
    if (!spelling.ours.ends_with('.') && end < own.size() && own[end] != '.')
        return; // "mlp.gate" is not within "mlp.gate_proj"
    std::string other = own;
    other.replace(at, spelling.ours.size(), spelling.theirs);
    // "gate_proj" is also within "up_proj"'s fused name: never replace a replaced one.
    names.push_back(std::move(other));
}

std::vector<std::string> modules_of(const Tensor& tensor, bool mlx)
{
    const std::string own = module_of(tensor);
    std::vector<std::string> names = {own};
    for (const Spelling& spelling : spellings)
        spell(names, own, spelling);
    if (mlx)
        for (const Spelling& spelling : mlx_spellings)
            spell(names, own, spelling);
    return names;
}

/// What stands before "layers.0" differs from checkpoint to checkpoint.
constexpr std::array<std::string_view, 4> prefixes = {"model.", "model.language_model.", "language_model.model.", ""};

/// The rest of a name from "layers." on, where what is before it only says that the language model is meant.
std::string_view without_prefix(std::string_view name)
{
    for (const std::string_view prefix :
         {"language_model.", "model.", "language_model.", "model.", "backbone.", "transformer."})
        if (name.starts_with(prefix))
            name.remove_prefix(prefix.size());
    return name;
}

/// N of "layers.N." or "layers.N", with its length; -1 where there is none.
std::int64_t layer_in(std::string_view name)
{
    constexpr std::string_view start = "layers.";
    if (!name.starts_with(start))
        return -1;
    name.remove_prefix(start.size());
    std::int64_t layer = -1;
    const auto [end, status] = std::from_chars(name.data(), name.data() + name.size(), layer);
    return status == std::errc{} && (end == name.data() + name.size() || *end == '.') ? layer : -1;
}

/// Whether a name means a module or something that holds it: its parts stand in the module's name one after the other.
bool within(std::string_view module, std::string_view name)
{
    if (name.empty())
        return false;
    for (std::size_t at = module.find(name); at != std::string_view::npos; at = module.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        if ((at == 0 || module[at - 1] == '.') && (end == module.size() || module[end] == '.'))
            return true;
    }
    return false;
}

/// Whether a regular expression may fit one layer and not another: digits, classes, counts, or a dot that stands for
/// exactly one character. When in doubt it may.
bool may_tell_layers(std::string_view expression)
{
    for (std::size_t i = 0; i < expression.size(); ++i) {
        const char c = expression[i];
        const char next = i + 1 < expression.size() ? expression[i + 1] : '\0';
        const bool any = c == '.' && next == '*';
        const bool escaped = c == '\\' && (next == '.' || next == '-' || next == '_');
        const bool literal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             std::string_view("_-|()^$:").find(c) != std::string_view::npos;
        if (any || escaped)
            ++i;
        else if (!literal)
            return true;
    }
    return false;
}

bool glob_may_tell_layers(std::string_view glob)
{
    return glob.find_first_of("0123456789?[") != std::string_view::npos;
}

/// The rules of a scheme, sorted so that a module meets only those that may fit it.
class Rules
{
public:
    explicit Rules(const QuantizationScheme& scheme) : scheme_(scheme)
    {
        for (std::size_t i = 0; i < scheme.rules.size(); ++i) {
            const SchemeRule& rule = scheme.rules[i];
            if (rule.spelling != SchemeRule::Spelling::name) {
                const bool glob = rule.spelling == SchemeRule::Spelling::glob;
                patterns_.emplace_back(i, glob ? Pattern::glob(rule.text) : Pattern(rule.text));
                if (glob)
                    patterns_.emplace_back(i, Pattern::glob(rule.text + ".*"));
                patterns_tell_layers_ |= glob ? glob_may_tell_layers(rule.text) : may_tell_layers(rule.text);
                continue;
            }
            const std::string_view name = without_prefix(rule.text);
            const std::int64_t layer = layer_in(name);
            (layer < 0 ? anywhere_ : by_layer_[layer]).emplace_back(i, name);
        }
    }

    /// Whether anything depends on the layer.
    bool by_layer() const { return !by_layer_.empty() || patterns_tell_layers_; }

    /// The first rule that names a module; layer -1 is outside the layers.
    const SchemeRule* find(const std::vector<std::string>& modules, std::int64_t layer) const
    {
        std::size_t first = scheme_.rules.size();
        const auto consider = [&](std::size_t rule) { first = std::min(first, rule); };
        const auto here = by_layer_.find(layer);
        for (const std::string& module : modules) {
            const std::string full =
                layer < 0 ? std::string(without_prefix(module)) : "layers." + std::to_string(layer) + "." + module;
            for (const auto& [rule, name] : anywhere_)
                if (rule < first && within(full, name))
                    consider(rule);
            if (here != by_layer_.end())
                for (const auto& [rule, name] : here->second)
                    if (rule < first && within(full, name))
                        consider(rule);
            for (const auto& [rule, pattern] : patterns_)
                if (rule < first && fits(pattern, full, scheme_.rules[rule].spelling))
                    consider(rule);
        }
        return first < scheme_.rules.size() ? &scheme_.rules[first] : nullptr;
    }

private:
    static bool fits(const Pattern& pattern, const std::string& full, SchemeRule::Spelling)
    {
        return std::any_of(prefixes.begin(), prefixes.end(),
                           [&](std::string_view prefix) { return pattern.matches_start(std::string(prefix) + full); });
    }

    using Named = std::vector<std::pair<std::size_t, std::string_view>>;
    const QuantizationScheme& scheme_;
    Named anywhere_;
    std::map<std::int64_t, Named> by_layer_;
    std::vector<std::pair<std::size_t, Pattern>> patterns_;
    bool patterns_tell_layers_ = false;
};

/// Experts are one row, and "experts.0.up_proj" in patterns: one of them stands for all.
std::vector<std::string> expert_modules(std::vector<std::string> modules)
{
    const std::size_t count = modules.size();
    for (std::size_t i = 0; i < count; ++i)
        if (const std::size_t at = modules[i].find("experts."); at != std::string::npos)
            modules.push_back(std::string(modules[i]).insert(at + 8, "0."));
    return modules;
}

double bits_of(const StorageScheme& scheme, const Tensor& tensor)
{
    return scheme.bits + scheme.row_bits / static_cast<double>(tensor.columns.value) +
           scheme.column_bits / static_cast<double>(tensor.rows.value);
}

/// Families whose router is a matrix like any other, quantized unless the config leaves it out (vLLM
/// models/qwen3_moe.py); elsewhere it never is.
bool has_plain_routers(const Architecture& architecture)
{
    return architecture.family == "qwen3_moe" || architecture.family == "qwen3_vl_moe";
}

/// Families whose files hold router and correction bias in fp32, whatever the rest (MiniMax-M2: headers of its
/// safetensors files).
bool has_wide_routers(const Architecture& architecture)
{
    return architecture.family == "minimax_m2";
}

class Column
{
public:
    Column(const QuantizationScheme& scheme, const Architecture& architecture)
        : scheme_(scheme), rules_(scheme), quantizes_routers_(has_plain_routers(architecture)),
          wide_routers_(has_wide_routers(architecture))
    {
        if (scheme.mlx)
            mlx_.emplace(architecture);
        std::int64_t layer = 0;
        for (const LayerRun& run : architecture.runs)
            for (std::int64_t i = 0; i < run.count; ++i)
                layers_[run.kind].push_back(layer++);
    }

    StoredRow row(const Tensor& tensor) const
    {
        StoredRow row;
        const auto found = layers_.find(tensor.kind);
        auto modules = modules_of(tensor, scheme_.mlx);
        if (tensor.copies.value > 1)
            modules = expert_modules(std::move(modules));
        if (found == layers_.end()) {
            add(row.shares, tensor, decide(tensor, modules, -1), static_cast<double>(tensor.elements()));
            return row;
        }
        if (!rules_.by_layer()) {
            add(row.shares, tensor, decide(tensor, modules, 0), static_cast<double>(tensor.elements()));
            return row;
        }
        for (const std::int64_t layer : found->second) {
            const StorageScheme scheme = decide(tensor, modules, layer);
            WeightColumn::Shares of_layer;
            add(of_layer, tensor, scheme, static_cast<double>(tensor.elements_per_layer()));
            append_layer(row.layers, std::move(of_layer));
            add(row.shares, tensor, scheme, static_cast<double>(tensor.elements_per_layer()));
        }
        return row;
    }

private:
    StorageScheme decide(const Tensor& tensor, const std::vector<std::string>& modules, std::int64_t layer) const
    {
        if (mlx_)
            return decide_mlx(tensor, modules, layer);
        if (wide_routers_ && tensor.part == Part::router)
            return StorageScheme{.bits = wide_bits};
        const bool head = tensor.name.starts_with("lm_head");
        const bool router = quantizes_routers_ && tensor.part == Part::router && tensor.sharding == Sharding::router &&
                            !tensor.columns.symbol.empty();
        const bool matrix = tensor.quantizable || head || router;
        if (!matrix || (scheme_.experts_only && tensor.part != Part::experts))
            return unquantized;
        if (const SchemeRule* rule = rules_.find(modules, layer))
            return rule->scheme.value_or(unquantized);
        if (head && !scheme_.takes_head)
            return unquantized;
        if (scheme_.experts && tensor.part == Part::experts)
            return *scheme_.experts;
        return scheme_.usual.value_or(unquantized);
    }

    StorageScheme decide_mlx(const Tensor& tensor, const std::vector<std::string>& modules, std::int64_t layer) const
    {
        const StorageScheme whole{.bits = mlx_->whole_bits(tensor)};
        if (!mlx_->takes(tensor))
            return whole;
        const SchemeRule* rule = rules_.find(modules, layer);
        if (rule != nullptr)
            return rule->scheme.value_or(whole);
        const std::int64_t group = std::max<std::int64_t>(1, std::llround(scheme_.usual->layout.group));
        return mlx_last_dimension(tensor) % group == 0 ? *scheme_.usual : whole;
    }

    static void add(WeightColumn::Shares& shares, const Tensor& tensor, const StorageScheme& scheme, double elements)
    {
        const double bits = bits_of(scheme, tensor);
        const auto same =
            std::find_if(shares.begin(), shares.end(), [&](const StoredShare& share) { return share.bits == bits; });
        if (same != shares.end())
            same->elements += elements;
        else
            shares.push_back({scheme == unquantized ? "16"
                              : bits == wide_bits   ? "32"
                                                    : "w",
                              elements, bits, scheme.layout});
    }

    const QuantizationScheme& scheme_;
    Rules rules_;
    static constexpr double wide_bits = 32;

    bool quantizes_routers_ = false;
    bool wide_routers_ = false;
    std::optional<MlxRules> mlx_; ///< where the scheme is mlx-lm's
    std::map<std::size_t, std::vector<std::int64_t>> layers_;
};

/// What a GGUF file's keys say of its mix: {"quant_method": "gguf", "file_type": 15}, general.file_type. Such configs
/// are made of files here (core/sources/weights_model.h); nobody publishes them.
std::optional<PublishedWeights> read_gguf_mix(const json& config, const Model& model)
{
    const auto method = config.find("quant_method");
    const auto file_type = config.find("file_type");
    if (method == config.end() || *method != "gguf" || file_type == config.end() || !file_type->is_number_integer())
        return std::nullopt;
    const GgufMixName* mix = gguf_mix_of_file_type(file_type->get<std::int64_t>());
    if (mix == nullptr)
        return std::nullopt;
    PublishedWeights published;
    published.label = "GGUF " + std::string(mix->name);
    published.method = "gguf";
    published.rule = std::make_shared<const WeightColumn>(gguf_column(*mix, false, model.architecture, model.tensors));
    return published;
}

/// What ExLlama's converter wrote: a mean width and that of the head.
std::optional<PublishedWeights> read_exl_mix(const json& config, const Model& model)
{
    const std::string method = method_id(config);
    const auto number = [&](const char* key, double usual) {
        const auto found = config.find(key);
        return found != config.end() && found->is_number() ? found->get<double>() : usual;
    };
    ExlMix mix{.third = method == "exl3"};
    constexpr double none = 0;
    mix.bits = number("bits", none);
    mix.head_bits = number("head_bits", mix.head_bits);
    const auto read = find_exl_mix(mix.name(), mix.third);
    if ((!mix.third && method != "exl2") || !read || read->bits != mix.bits || read->head_bits != mix.head_bits)
        return std::nullopt;
    PublishedWeights published;
    published.label = mix.label();
    published.method = method;
    published.format = method + ":" + mix.name();
    published.rule = std::make_shared<const WeightColumn>(exl_column(mix, model.tensors));
    return published;
}

/// DeepSeek-V4: experts of 4 bits with a byte of scale per 32, compressors in 16 (vLLM models/deepseek_v4.py).
void adapt(QuantizationScheme& scheme, std::string_view expert_dtype, const Architecture& architecture)
{
    if (expert_dtype == "fp4") {
        scheme.experts = StorageScheme{.bits = 4.25};
        scheme.label += ", experts MXFP4";
    }
    if (architecture.family == "deepseek_v4")
        scheme.rules.push_back({.text = "compressor", .scheme = std::nullopt});
}

} // namespace

std::shared_ptr<const WeightColumn> scheme_column(const QuantizationScheme& scheme, const Architecture& architecture,
                                                  const std::vector<Tensor>& tensors)
{
    const Column column(scheme, architecture);
    std::vector<StoredRow> rows;
    rows.reserve(tensors.size());
    for (const Tensor& tensor : tensors)
        rows.push_back(column.row(tensor));
    return std::make_shared<const WeightColumn>(tensors, std::move(rows));
}

const json* find_quantization_config(const json& config, const json* network)
{
    for (const json* object : {network, &config})
        for (const char* key : {"quantization_config", "compression_config"}) {
            if (object == nullptr || !object->is_object())
                continue;
            const auto found = object->find(key);
            if (found != object->end() && found->is_object() && !found->empty())
                return &*found;
        }
    for (const json* object : {network, &config}) // mlx-lm's own key; newer ones write both
        if (object != nullptr && object->is_object())
            if (const auto found = object->find("quantization"); found != object->end() && is_mlx_quantization(*found))
                return &*found;
    return nullptr;
}

std::string_view expert_dtype_of(const json* network)
{
    if (network == nullptr || !network->is_object())
        return {};
    const auto found = network->find("expert_dtype");
    return found != network->end() && found->is_string() ? std::string_view(found->get_ref<const std::string&>())
                                                         : std::string_view();
}

std::optional<PublishedWeights> read_published_weights(const json* quantization_config, std::string_view expert_dtype,
                                                       const Model& model, std::vector<Issue>& issues)
{
    if (quantization_config == nullptr)
        return std::nullopt;
    const auto note = [&](std::string text) {
        issues.push_back({"quantization_config", Severity::note, std::move(text)});
    };
    if (auto mix = read_gguf_mix(*quantization_config, model))
        return mix;
    const auto note_stored = [&](const std::string& label) {
        note("This checkpoint is stored as " + label + "; weights are computed so unless another precision is chosen.");
    };
    if (auto mix = read_exl_mix(*quantization_config, model)) {
        note_stored(mix->label);
        return mix;
    }
    auto scheme = read_quantization_scheme(*quantization_config);
    if (scheme)
        adapt(*scheme, expert_dtype, model.architecture);
    if (!scheme) {
        issues.push_back({"quantization_config", Severity::warning,
                          "This checkpoint is stored as " + method_text(*quantization_config) +
                              ", whose sizes are not known here; weights are computed at the chosen precision."});
        return std::nullopt;
    }
    PublishedWeights published;
    published.label = scheme->label;
    published.method = method_id(*quantization_config);
    published.compute = scheme->compute;
    published.mxfp4_experts = scheme->mxfp4_experts;
    published.rule = scheme_column(*scheme, model.architecture, model.tensors);
    note_stored(scheme->label);
    for (const std::string& left_out : scheme->notes)
        note("quantization_config: " + left_out + ".");
    return published;
}

} // namespace weighbridge
