#include "core/precision/mlx_rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace weighbridge {

/// How a network of mlx-lm keeps the router of its experts.
enum class MlxRouter
{
    linear, ///< a linear layer like any other
    eight,  ///< the same at 8 bits in groups of 64
    bare,   ///< a matrix without a module of its own: never quantized
};

/// A family whose network asks for something of its own.
struct MlxNetwork
{
    std::string_view family;
    MlxRouter router = MlxRouter::linear;
    double router_bias = 16;                    ///< bits of the experts' correction bias; 0: it is dropped
    std::array<std::string_view, 3> wide = {};  ///< other tensors that do, by their names' ends
    std::array<std::string_view, 3> eight = {}; ///< modules at 8 bits in groups of 64
    std::array<std::string_view, 3> whole = {}; ///< linear layers that stay whole
    bool fuses_qkv = false;
    bool keeps_kv_b = false; ///< kv_b_proj is one linear layer
};

namespace {

/// mlx-lm 0.32.2, models/*.py: quant_predicate, cast_predicate and the class of the router.
constexpr std::array<MlxNetwork, 48> networks = {{
    {.family = "afmoe", .router = MlxRouter::eight, .router_bias = 32},
    {.family = "bailing_hybrid", .router = MlxRouter::eight, .router_bias = 32, .whole = {"kv_b_proj"}},
    {.family = "bailing_moe", .router = MlxRouter::eight, .router_bias = 32},
    {.family = "bailing_moe_linear", .router = MlxRouter::eight, .router_bias = 32},
    {.family = "deepseek_v2", .router = MlxRouter::bare, .keeps_kv_b = true},
    {.family = "deepseek_v3", .router = MlxRouter::bare, .router_bias = 32},
    {.family = "deepseek_v32", .router = MlxRouter::bare, .router_bias = 32},
    {.family = "dots1", .router = MlxRouter::bare},
    {.family = "ernie4_5_moe", .router_bias = 0},
    {.family = "exaone_moe", .router = MlxRouter::bare, .router_bias = 32},
    {.family = "gemma4", .router = MlxRouter::eight},
    {.family = "gemma4_text", .router = MlxRouter::eight},
    {.family = "gemma4_unified", .router = MlxRouter::eight},
    {.family = "glm4_moe", .router = MlxRouter::bare, .router_bias = 32},
    {.family = "glm4_moe_lite", .router = MlxRouter::bare, .router_bias = 32},
    {.family = "glm_moe_dsa", .router = MlxRouter::bare, .router_bias = 32},
    {.family = "gpt_oss", .router = MlxRouter::eight},
    {.family = "granite", .eight = {"self_attn.o_proj", "mlp.down_proj", "lm_head"}},
    {.family = "granitemoe", .router = MlxRouter::eight, .eight = {"self_attn.o_proj", "experts.down_proj", "lm_head"}},
    {.family = "granitemoehybrid", .router = MlxRouter::eight},
    {.family = "jamba", .router = MlxRouter::eight},
    {.family = "joyai_llm_flash", .router = MlxRouter::bare, .router_bias = 32},
    {.family = "kimi_k2", .router = MlxRouter::bare, .router_bias = 32},
    {.family = "kimi_k25", .router = MlxRouter::bare, .router_bias = 32},
    {.family = "kimi_k3", .router = MlxRouter::eight, .router_bias = 32, .wide = {"A_log", "dt_bias"}},
    {.family = "kimi_linear", .router = MlxRouter::eight, .router_bias = 32, .wide = {"A_log", "dt_bias"}},
    {.family = "kimi_vl", .router = MlxRouter::bare, .router_bias = 32},
    {.family = "Klear", .router = MlxRouter::eight, .router_bias = 32},
    {.family = "laguna", .router = MlxRouter::eight, .router_bias = 32},
    {.family = "lfm2_moe", .router = MlxRouter::eight, .router_bias = 32},
    {.family = "longcat_flash", .router = MlxRouter::eight, .router_bias = 32},
    {.family = "longcat_flash_ngram", .router = MlxRouter::eight, .router_bias = 32},
    {.family = "mellum", .router = MlxRouter::eight},
    {.family = "mimo_v2_flash", .router = MlxRouter::bare, .router_bias = 32},
    {.family = "minicpm3", .keeps_kv_b = true},
    {.family = "minimax", .router = MlxRouter::eight, .router_bias = 32},
    {.family = "minimax_m2", .router = MlxRouter::eight, .router_bias = 32},
    {.family = "minimax_m3_vl", .router = MlxRouter::eight, .router_bias = 32},
    {.family = "nemotron_h", .router = MlxRouter::bare, .router_bias = 32, .wide = {"A_log"}},
    {.family = "phi3", .fuses_qkv = true},
    {.family = "qwen3_5", .wide = {"A_log"}},
    {.family = "qwen3_5_moe", .router = MlxRouter::eight, .wide = {"A_log"}},
    {.family = "qwen3_moe", .router = MlxRouter::eight},
    {.family = "qwen3_next", .router = MlxRouter::eight},
    {.family = "qwen3_vl_moe", .router = MlxRouter::eight},
    {.family = "solar_open", .router = MlxRouter::bare, .router_bias = 32},
    {.family = "spark2_5", .whole = {"self_attn.g_proj"}},
    {.family = "step3p5", .router = MlxRouter::eight, .router_bias = 32},
}};

/// "self_attn.o_proj" of "self_attn.o_proj.weight".
std::string_view module_of(const Tensor& tensor)
{
    std::string_view name = tensor.name;
    if (name.ends_with(".weight"))
        name.remove_suffix(std::string_view(".weight").size());
    return name;
}

bool is_one_of(std::string_view module, const std::array<std::string_view, 3>& names)
{
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return !name.empty() && module.ends_with(name); });
}

/// A sigmoid gate of one row is a linear layer of its own (Qwen2-MoE).
bool is_shared_gate(const Tensor& tensor)
{
    return tensor.part == Part::router && tensor.name.ends_with("shared_expert_gate.weight");
}

bool is_matrix(const Tensor& tensor)
{
    return !tensor.columns.symbol.empty();
}

bool is_router(const Tensor& tensor)
{
    return tensor.part == Part::router && tensor.sharding == Sharding::router && is_matrix(tensor);
}

/// Rows of a stack with a last dimension of their own, as a share of the tensor's elements.
struct MlxRows
{
    double share = 1;
    std::int64_t last = 1;
};

const LatentAttention* latent_of(const Architecture& architecture)
{
    for (const Layer& layer : architecture.kinds)
        if (const auto* latent = first_of<LatentAttention>(layer.mixers))
            return latent;
    return nullptr;
}

std::vector<MlxRows> rows_of(const MlxRules& rules, const Tensor& tensor)
{
    const LatentAttention* latent = rules.splits_kv_b(tensor) ? latent_of(rules.architecture()) : nullptr;
    if (latent == nullptr)
        return {{1, mlx_last_dimension(tensor)}};
    const auto keys = static_cast<double>(latent->qk_nope_head_dim);
    const auto values = static_cast<double>(latent->v_head_dim);
    return {{keys / (keys + values), latent->qk_nope_head_dim}, {values / (keys + values), latent->kv_lora_rank}};
}

void add(WeightColumn::Shares& shares, std::string_view type, double elements, double bits)
{
    const auto same = std::find_if(shares.begin(), shares.end(),
                                   [&](const StoredShare& share) { return share.type == type && share.bits == bits; });
    if (same != shares.end())
        same->elements += elements;
    else
        shares.push_back({type, elements, bits, {}});
}

/// Bits of one module, which a recipe decides by name and layer (mlx_lm/convert.py, mixed_quant_predicate_builder).
bool gets_more_bits(const MlxRules& rules, const Tensor& tensor, std::int64_t layer)
{
    const std::string_view module = module_of(tensor);
    const auto has = [&](std::string_view part) { return module.find(part) != std::string_view::npos; };
    if (module == "lm_head")
        return true;
    const std::int64_t layers = rules.architecture().layers();
    const std::int64_t index = std::max<std::int64_t>(0, layer);
    const std::int64_t eighth = layers / 8;
    const bool here = index < eighth || index >= 7 * layers / 8 || ((index - eighth) % 3 + 3) % 3 == 2;
    const bool fused = rules.fuses_qkv() && (has("q_proj") || has("k_proj"));
    const bool latent = !rules.splits_kv_b(tensor) && has("v_b_proj");
    return here && (has("v_proj") || has("v_a_proj") || latent || fused || has("down_proj"));
}

struct MixLabel
{
    std::string_view name;
    std::string_view label;
    double low;
    double high;
};

/// mlx_lm/convert.py, QUANT_RECIPES: affine, in groups of 64.
constexpr std::array<MixLabel, 4> recipes = {{{"mixed_2_6", "MLX mixed, 2 and 6 bits", 2, 6},
                                              {"mixed_3_4", "MLX mixed, 3 and 4 bits", 3, 4},
                                              {"mixed_3_6", "MLX mixed, 3 and 6 bits", 3, 6},
                                              {"mixed_4_6", "MLX mixed, 4 and 6 bits", 4, 6}}};

constexpr std::array<std::string_view, 3> float_modes = {"mxfp4", "nvfp4", "mxfp8"};

std::string upper(std::string_view name)
{
    std::string text(name);
    std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
    });
    return text;
}

/// The number that one of a few texts is; 0 where it is none of them.
std::int64_t one_of(std::string_view text, std::initializer_list<std::int64_t> numbers)
{
    for (const std::int64_t number : numbers)
        if (text == std::to_string(number))
            return number;
    return 0;
}

std::optional<MlxMix> affine_mix(std::string_view name)
{
    const std::size_t unit = name.find("bit");
    if (unit == std::string_view::npos)
        return std::nullopt;
    const std::int64_t bits = one_of(name.substr(0, unit), {2, 3, 4, 5, 6, 8});
    std::string_view rest = name.substr(unit + 3);
    constexpr std::int64_t usual_group = 64;
    std::int64_t group = usual_group;
    if (rest.starts_with("_g"))
        group = one_of(rest.substr(2), {32, 64, 128});
    else if (!rest.empty())
        return std::nullopt;
    if (bits == 0 || group == 0)
        return std::nullopt;
    MlxMix mix;
    mix.name = std::to_string(bits) + "bit" + (group != usual_group ? "_g" + std::to_string(group) : "");
    mix.label = "MLX " + std::to_string(bits) + "-bit, group " + std::to_string(group);
    mix.usual = {static_cast<double>(bits), group, true};
    return mix;
}

} // namespace

std::optional<MlxStorage> mlx_mode(std::string_view name)
{
    if (name == "affine")
        return MlxStorage{};
    if (name == "mxfp4")
        return MlxStorage{4, 32, false};
    if (name == "nvfp4")
        return MlxStorage{4, 16, false};
    if (name == "mxfp8")
        return MlxStorage{8, 32, false};
    return std::nullopt;
}

double MlxMix::bits() const
{
    constexpr double share_of_more = 0.19; // of Llama-3.1-8B's parameters: 4.88 bits of mixed_4_6
    return usual.width() + (more_bits ? share_of_more * (*more_bits - usual.bits) : 0);
}

std::optional<MlxMix> find_mlx_mix(std::string_view name)
{
    for (const std::string_view mode : float_modes)
        if (name == mode)
            return MlxMix{std::string(mode), "MLX " + upper(mode), *mlx_mode(mode), std::nullopt};
    for (const MixLabel& recipe : recipes)
        if (name == recipe.name)
            return MlxMix{std::string(name), std::string(recipe.label), {recipe.low, 64, true}, recipe.high};
    return affine_mix(name);
}

std::span<const std::string_view> mlx_mix_names()
{
    static constexpr std::array<std::string_view, 13> names = {
        "2bit",  "3bit",  "4bit",  "4bit_g32",  "5bit",      "6bit",     "8bit",
        "mxfp4", "nvfp4", "mxfp8", "mixed_2_6", "mixed_3_6", "mixed_4_6"};
    return names;
}

MlxRules::MlxRules(const Architecture& architecture) : architecture_(architecture)
{
    const auto found = std::find_if(networks.begin(), networks.end(),
                                    [&](const MlxNetwork& network) { return network.family == architecture.family; });
    network_ = found != networks.end() ? &*found : nullptr;
}

bool MlxRules::takes(const Tensor& tensor) const
{
    if (tensor.part == Part::vision)
        return false;
    if (network_ != nullptr && is_one_of(module_of(tensor), network_->whole))
        return false;
    if (is_router(tensor))
        return network_ == nullptr || network_->router != MlxRouter::bare;
    if (is_shared_gate(tensor))
        return true;
    return tensor.quantizable || (tensor.part == Part::embedding && is_matrix(tensor));
}

bool MlxRules::keeps_eight_bits(const Tensor& tensor) const
{
    if (network_ == nullptr)
        return false;
    if (is_router(tensor) || is_shared_gate(tensor))
        return network_->router == MlxRouter::eight;
    return is_one_of(module_of(tensor), network_->eight);
}

double MlxRules::whole_bits(const Tensor& tensor) const
{
    constexpr double usual = 16, wide = 32;
    if (network_ == nullptr)
        return usual;
    if (tensor.part == Part::router && tensor.name.ends_with("gate.bias"))
        return network_->router_bias;
    return is_one_of(tensor.name, network_->wide) ? wide : usual;
}

bool MlxRules::fuses_qkv() const
{
    return network_ != nullptr && network_->fuses_qkv;
}

bool MlxRules::splits_kv_b(const Tensor& tensor) const
{
    return module_of(tensor).ends_with("kv_b_proj") && !(network_ != nullptr && network_->keeps_kv_b);
}

std::int64_t mlx_last_dimension(const Tensor& tensor)
{
    return is_shared_gate(tensor) ? tensor.rows.value : tensor.columns.value;
}

WeightColumn mlx_column(const MlxStoredAs& stored_as, const Architecture& architecture,
                        const std::vector<Tensor>& tensors)
{
    const MlxRules rules(architecture);
    std::map<std::size_t, std::vector<std::int64_t>> layers; // of a kind
    std::int64_t next = 0;
    for (const LayerRun& run : architecture.runs)
        for (std::int64_t i = 0; i < run.count; ++i)
            layers[run.kind].push_back(next++);

    const auto store = [&](WeightColumn::Shares& shares, const Tensor& tensor, std::int64_t layer, double elements) {
        const bool taken = rules.takes(tensor);
        const auto storage = taken ? stored_as(tensor, layer) : std::nullopt;
        const std::int64_t group = storage ? storage->group : 0; // 0: all of it stays whole
        for (const MlxRows& rows : rows_of(rules, tensor)) {
            const bool divides = group > 0 && rows.last % group == 0;
            const double whole = rules.whole_bits(tensor);
            add(shares,
                divides      ? "w"
                : whole > 16 ? "32"
                             : "16",
                elements * rows.share, divides ? storage->width() : whole);
        }
    };
    std::vector<StoredRow> rows;
    rows.reserve(tensors.size());
    for (const Tensor& tensor : tensors) {
        StoredRow& row = rows.emplace_back();
        const auto found = layers.find(tensor.kind);
        if (found == layers.end()) {
            store(row.shares, tensor, -1, static_cast<double>(tensor.elements()));
            continue;
        }
        for (const std::int64_t layer : found->second) {
            const auto elements = static_cast<double>(tensor.elements_per_layer());
            WeightColumn::Shares of_layer;
            store(of_layer, tensor, layer, elements);
            append_layer(row.layers, std::move(of_layer));
            store(row.shares, tensor, layer, elements);
        }
    }
    return {tensors, std::move(rows)};
}

WeightColumn mlx_column(const MlxMix& mix, const Architecture& architecture, const std::vector<Tensor>& tensors)
{
    const MlxRules rules(architecture);
    constexpr MlxStorage eight{8, 64, true};
    return mlx_column(
        [&](const Tensor& tensor, std::int64_t layer) -> std::optional<MlxStorage> {
            if (mix.more_bits) // a recipe takes the place of the network's own wishes
                return gets_more_bits(rules, tensor, layer)
                           ? MlxStorage{*mix.more_bits, mix.usual.group, mix.usual.affine}
                           : mix.usual;
            return rules.keeps_eight_bits(tensor) ? eight : mix.usual;
        },
        architecture, tensors);
}

} // namespace weighbridge
