#include "core/training/adapters.h"

#include "core/quantity/text.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

/// A module as some implementation calls it, and the rows of the inventory that it is.
struct Module
{
    std::string_view name;
    std::array<std::string_view, 3> rows; ///< last parts of the inventory's names
    bool fused = false;                   ///< one matrix for all of them
};

// transformers' modeling files; Qwen-1, ChatGLM and Baichuan as published; torchtune, litgpt and Megatron modules.
constexpr std::array known_modules = {
    Module{"q_proj", {"q_proj"}},
    Module{"k_proj", {"k_proj"}},
    Module{"v_proj", {"v_proj"}},
    Module{"o_proj", {"o_proj"}},
    Module{"gate_proj", {"gate_proj"}},
    Module{"up_proj", {"up_proj"}},
    Module{"down_proj", {"down_proj"}},
    Module{"q_a_proj", {"q_a_proj"}},
    Module{"q_b_proj", {"q_b_proj"}},
    Module{"kv_a_proj_with_mqa", {"kv_a_proj_with_mqa"}},
    Module{"kv_b_proj", {"kv_b_proj"}},
    Module{"wq", {"q_proj"}},
    Module{"wk", {"k_proj"}},
    Module{"wv", {"v_proj"}},
    Module{"wo", {"o_proj"}},
    Module{"output_proj", {"o_proj"}},
    Module{"out_proj", {"o_proj"}},
    Module{"dense", {"o_proj"}},
    Module{"linear_proj", {"o_proj"}},
    Module{"proj", {"o_proj"}},
    Module{"w1", {"gate_proj"}},
    Module{"w3", {"up_proj"}},
    Module{"w2", {"down_proj"}},
    Module{"fc1", {"up_proj"}},
    Module{"fc2", {"down_proj"}},
    Module{"dense_4h_to_h", {"down_proj"}},
    Module{"linear_fc2", {"down_proj"}},
    Module{"c_proj", {"o_proj", "down_proj"}},
    Module{"c_fc", {"up_proj"}},
    Module{"c_attn", {"q_proj", "k_proj", "v_proj"}, true},
    Module{"qkv_proj", {"q_proj", "k_proj", "v_proj"}, true},
    Module{"query_key_value", {"q_proj", "k_proj", "v_proj"}, true},
    Module{"W_pack", {"q_proj", "k_proj", "v_proj"}, true},
    Module{"Wqkv", {"q_proj", "k_proj", "v_proj"}, true},
    Module{"linear_qkv", {"q_proj", "k_proj", "v_proj"}, true},
    Module{"gate_up_proj", {"gate_proj", "up_proj"}, true},
    Module{"dense_h_to_4h", {"gate_proj", "up_proj"}, true},
    Module{"linear_fc1", {"gate_proj", "up_proj"}, true},
};

constexpr std::array<std::string_view, 6> roles = {"all_linear", "attention",  "mlp",
                                                   "experts",    "embeddings", "lm_head"};

/// "q_proj" of "self_attn.q_proj.weight".
std::string_view module_of(std::string_view tensor)
{
    constexpr std::string_view ending = ".weight";
    if (!tensor.ends_with(ending))
        return {};
    tensor.remove_suffix(ending.size());
    const std::size_t dot = tensor.rfind('.');
    return dot == std::string_view::npos ? tensor : tensor.substr(dot + 1);
}

const Module* find_module(std::string_view name)
{
    const auto* row = std::find_if(known_modules.begin(), known_modules.end(),
                                   [&](const Module& known) { return known.name == name; });
    return row == known_modules.end() ? nullptr : row;
}

bool is_layer_matrix(const Tensor& tensor)
{
    return tensor.quantizable && tensor.columns.value > 1 && !tensor.layers_symbol.empty();
}

bool has_role(std::string_view role, const Tensor& tensor)
{
    const bool ffn =
        tensor.part == Part::feed_forward || tensor.part == Part::experts || tensor.part == Part::shared_experts;
    if (role == "attention")
        return is_layer_matrix(tensor) && tensor.part == Part::attention;
    if (role == "mlp")
        return is_layer_matrix(tensor) && ffn;
    if (role == "experts")
        return is_layer_matrix(tensor) && tensor.part == Part::experts;
    if (role == "all_linear")
        return is_layer_matrix(tensor) && (ffn || tensor.part == Part::attention);
    if (tensor.part != Part::embedding || tensor.columns.value == 1)
        return false;
    const bool head = tensor.name.find("lm_head") != std::string::npos;
    return role == "lm_head" ? head : role == "embeddings" && !head;
}

/// Of the target that means this tensor: its module, null for a role; `found` says whether any does.
const Module* module_for(const std::vector<std::string>& targets, const Tensor& tensor, bool& found)
{
    found = false;
    const std::string_view own = module_of(tensor.name);
    for (const std::string& target : targets) {
        if (has_role(target, tensor)) {
            found = true;
            return nullptr;
        }
        const Module* module = find_module(target);
        if (module == nullptr || !is_layer_matrix(tensor) || own.empty())
            continue;
        // Qwen-1 calls its two inner projections w1 and w2; Llama's own code calls the last one w2.
        const bool inner_pair = target == "w2" && contains(targets, "c_attn");
        if (inner_pair ? own == "up_proj"
                       : std::find(module->rows.begin(), module->rows.end(), own) != module->rows.end()) {
            found = true;
            return module;
        }
    }
    return nullptr;
}

const std::vector<std::string>& or_all(const std::vector<std::string>& targets)
{
    static const std::vector<std::string> all = {"all_linear"};
    return targets.empty() ? all : targets;
}

} // namespace

double Adapter::elements(std::int64_t rank, bool magnitudes) const
{
    const auto r = static_cast<double>(rank);
    const auto rows = static_cast<double>(tensor->rows.value);
    const double a = shares_a ? 0 : r * static_cast<double>(tensor->columns.value);
    const double one = a + r * rows + (magnitudes ? rows : 0);
    return one * static_cast<double>(tensor->copies.value) * static_cast<double>(tensor->layers);
}

std::span<const std::string_view> target_names()
{
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> list(roles.begin(), roles.end());
        list.reserve(roles.size() + known_modules.size());
        for (const Module& module : known_modules)
            list.push_back(module.name);
        return list;
    }();
    return names;
}

bool is_target(const std::vector<std::string>& targets, const Tensor& tensor)
{
    bool found = false;
    module_for(targets, tensor, found);
    return found;
}

std::vector<Adapter> adapters_of(const std::vector<Tensor>& tensors, const std::vector<std::string>& targets)
{
    std::vector<Adapter> adapters;
    const Module* last_fused = nullptr;
    std::size_t last_kind = Tensor::no_index;
    for (const Tensor& tensor : tensors) {
        bool found = false;
        const Module* module = module_for(or_all(targets), tensor, found);
        if (!found)
            continue;
        const bool fused = module != nullptr && module->fused;
        adapters.push_back({&tensor, fused && module == last_fused && tensor.kind == last_kind});
        last_fused = fused ? module : nullptr;
        last_kind = tensor.kind;
    }
    return adapters;
}

} // namespace weighbridge
