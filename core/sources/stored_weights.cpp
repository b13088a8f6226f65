#include "core/sources/stored_weights.h"

#include "core/quantity/display.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <map>
#include <unordered_map>
#include <utility>

namespace weighbridge {

namespace {

/// Names in GGUF files (llama-arch.cpp of llama.cpp) and what checkpoints of transformers call the same.
constexpr std::array<std::pair<std::string_view, std::string_view>, 31> gguf_names = {{
    {"token_embd.weight", "model.embed_tokens.weight"},
    {"output.weight", "lm_head.weight"},
    {"output_norm.weight", "model.norm.weight"},
    {"attn_norm.weight", "input_layernorm.weight"},
    {"attn_q.weight", "self_attn.q_proj.weight"},
    {"attn_k.weight", "self_attn.k_proj.weight"},
    {"attn_v.weight", "self_attn.v_proj.weight"},
    {"attn_output.weight", "self_attn.o_proj.weight"},
    {"attn_q.bias", "self_attn.q_proj.bias"},
    {"attn_k.bias", "self_attn.k_proj.bias"},
    {"attn_v.bias", "self_attn.v_proj.bias"},
    {"attn_output.bias", "self_attn.o_proj.bias"},
    {"attn_q_norm.weight", "self_attn.q_norm.weight"},
    {"attn_k_norm.weight", "self_attn.k_norm.weight"},
    {"attn_sinks.weight", "self_attn.sinks"},
    {"attn_q_a.weight", "self_attn.q_a_proj.weight"},
    {"attn_q_b.weight", "self_attn.q_b_proj.weight"},
    {"attn_kv_a_mqa.weight", "self_attn.kv_a_proj_with_mqa.weight"},
    {"attn_kv_b.weight", "self_attn.kv_b_proj.weight"},
    {"attn_k_b.weight", "self_attn.kv_b_proj.weight"},
    {"attn_v_b.weight", "self_attn.kv_b_proj.weight"},
    {"ffn_gate.weight", "mlp.gate_proj.weight"},
    {"ffn_up.weight", "mlp.up_proj.weight"},
    {"ffn_down.weight", "mlp.down_proj.weight"},
    {"ffn_gate_inp.weight", "mlp.gate.weight"},
    {"ffn_gate_exps.weight", "mlp.experts.gate_proj.weight"},
    {"ffn_up_exps.weight", "mlp.experts.up_proj.weight"},
    {"ffn_down_exps.weight", "mlp.experts.down_proj.weight"},
    {"ffn_gate_shexp.weight", "mlp.shared_experts.gate_proj.weight"},
    {"ffn_up_shexp.weight", "mlp.shared_experts.up_proj.weight"},
    {"ffn_down_shexp.weight", "mlp.shared_experts.down_proj.weight"},
}};

/// Tensors that belong to a quantized matrix; the matrix itself may have another ending as well.
constexpr std::array<std::string_view, 14> companions = {".weight_scale_inv",
                                                         ".weight_scale_2",
                                                         ".weight_scale",
                                                         ".weight_packed",
                                                         ".weight_zero_point",
                                                         ".weight_shape",
                                                         ".weight_g_idx",
                                                         ".qweight",
                                                         ".qzeros",
                                                         ".scales",
                                                         ".g_idx",
                                                         ".input_scale",
                                                         ".blocks",
                                                         ".SCB"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> hf_spellings = {{
    {"block_sparse_moe.", "mlp."},
    {"feed_forward.", "mlp."},
    {"mlp.router.", "mlp.gate."},
    {"mlp.shared_expert.", "mlp.shared_experts."},
    {"experts.w1", "experts.gate_proj"},
    {"experts.w3", "experts.up_proj"},
    {"experts.w2", "experts.down_proj"},
    {"gate.e_score_correction_bias", "gate.bias"},
    {"self_attn.sinks.weight", "self_attn.sinks"},
}};

void replace_first(std::string& text, std::string_view what, std::string_view by)
{
    if (const std::size_t at = text.find(what); at != std::string::npos)
        text.replace(at, what.size(), by);
}

/// A tensor's layer (-1 outside them) and its name within it, as the inventory spells it where that is known.
struct Place
{
    std::int64_t layer = -1;
    std::string name;
};

/// Takes the number that stands at a place out of a name.
std::int64_t take_index(std::string& name, std::size_t at)
{
    std::int64_t index = -1;
    const char* begin = name.data() + at;
    const auto [end, status] = std::from_chars(begin, name.data() + name.size(), index);
    if (status != std::errc{} || end == name.data() + name.size() || *end != '.' || index < 0)
        return -1;
    name.erase(at, static_cast<std::size_t>(end - begin) + 1);
    return index;
}

Place place_of(std::string_view stored)
{
    Place place{.name = std::string(stored)};
    for (const std::string_view start : {"blk.", "layers.", "h.", "blocks."}) {
        const std::size_t at = stored.find(start);
        if (at == std::string_view::npos || (at > 0 && stored[at - 1] != '.'))
            continue;
        place.name = stored.substr(at + start.size());
        place.layer = take_index(place.name, 0);
        if (place.layer >= 0)
            break;
        place.name = stored;
    }
    for (const auto& [gguf, ours] : gguf_names)
        if (place.name == gguf) {
            place.name = ours;
            return place;
        }
    if (const std::size_t experts = place.name.find("experts."); experts != std::string::npos)
        take_index(place.name, experts + 8);
    for (const std::string_view ending : companions)
        if (place.name.ends_with(ending)) {
            place.name.resize(place.name.size() - ending.size());
            place.name += ".weight";
            break;
        }
    for (const auto& [theirs, ours] : hf_spellings)
        replace_first(place.name, theirs, ours);
    if (place.layer < 0)
        for (const std::string_view prefix : {"language_model.", "model.language_model."})
            if (place.name.starts_with(prefix))
                place.name = "model." + place.name.substr(prefix.size());
    replace_first(place.name, "model.model.", "model.");
    replace_first(place.name, "model.lm_head.", "lm_head.");
    return place;
}

bool is_left_out(const Place& place, const Architecture& architecture)
{
    if (place.layer >= architecture.layers() || has_part(place.name, {"nextn", "rotary_emb.inv_freq"}))
        return true;
    if (place.name.starts_with("mtp.") || has_part(place.name, {".mtp.", "eh_proj"}))
        return true;
    return architecture.tie_word_embeddings && place.name == "lm_head.weight";
}

/// Bytes and elements of one row, one layer of it or a part, by type.
struct Sum
{
    std::map<std::string_view, std::pair<double, double>> by_type; ///< elements, bytes
    double elements = 0;
    double bytes = 0;

    void add(const StoredTensor& tensor)
    {
        auto& [type_elements, type_bytes] = by_type[tensor.type->name];
        type_elements += static_cast<double>(tensor.elements);
        type_bytes += static_cast<double>(tensor.bytes);
        elements += static_cast<double>(tensor.elements);
        bytes += static_cast<double>(tensor.bytes);
    }
};

/// Which row of the inventory a tensor is.
class RowFinder
{
public:
    explicit RowFinder(const Model& model)
    {
        std::int64_t layer = 0;
        for (const LayerRun& run : model.architecture.runs)
            for (std::int64_t i = 0; i < run.count; ++i, ++layer)
                kind_of_layer_.push_back(run.kind);
        for (const Tensor& tensor : model.tensors)
            rows_[tensor.kind].emplace(tensor.name, tensor.row);
    }

    /// Tensor::no_index where it is none.
    std::size_t find(const Place& place) const
    {
        const bool outside = place.layer < 0;
        const auto kind =
            rows_.find(outside ? Tensor::no_index : kind_of_layer_[static_cast<std::size_t>(place.layer)]);
        if (kind == rows_.end())
            return Tensor::no_index;
        const auto row = kind->second.find(place.name);
        return row == kind->second.end() ? Tensor::no_index : row->second;
    }

private:
    std::vector<std::size_t> kind_of_layer_;
    std::map<std::size_t, std::unordered_map<std::string, std::size_t>> rows_;
};

class Collector
{
public:
    explicit Collector(const Model& model)
        : model_(model), finder_(model), rows_(model.tensors.size()), layers_(model.tensors.size())
    {
    }

    void add(const StoredTensor& tensor, StoredWeights& stored)
    {
        const Place place = place_of(tensor.name);
        if (is_left_out(place, model_.architecture)) {
            stored.left_out_bytes += tensor.bytes;
            return;
        }
        const std::size_t row = finder_.find(place);
        const Part part = row != Tensor::no_index ? model_.tensors[row].part : part_of_tensor(tensor.name);
        if (row != Tensor::no_index) {
            rows_[row].add(tensor);
            layers_[row][place.layer].add(tensor);
        } else if (!has(part)) {
            stored.left_out_bytes += tensor.bytes;
            foreign_bytes_ += tensor.bytes;
            return;
        } else {
            spread_[part].add(tensor);
        }
        count(tensor, part, stored);
    }

    std::int64_t foreign_bytes() const { return foreign_bytes_; }

    std::shared_ptr<const WeightColumn> column() const
    {
        std::vector<StoredRow> rows;
        rows.reserve(model_.tensors.size());
        for (const Tensor& tensor : model_.tensors)
            rows.push_back({shares(tensor), layers_of(tensor)});
        return std::make_shared<const WeightColumn>(model_.tensors, std::move(rows));
    }

private:
    bool has(Part part) const
    {
        return std::any_of(model_.tensors.begin(), model_.tensors.end(),
                           [&](const Tensor& tensor) { return tensor.part == part; });
    }

    static void count(const StoredTensor& tensor, Part part, StoredWeights& stored)
    {
        const auto same = std::find_if(stored.parts.begin(), stored.parts.end(), [&](const StoredPart& other) {
            return other.part == part && other.type == tensor.type->name;
        });
        StoredPart& home = same == stored.parts.end()
                               ? stored.parts.emplace_back(StoredPart{.part = part, .type = tensor.type->name})
                               : *same;
        ++home.tensors;
        home.elements += tensor.elements;
        home.bytes += tensor.bytes;
        stored.bytes += tensor.bytes;
    }

    /// Elements of a part's rows that no tensor has been found for.
    double missing(Part part) const
    {
        double elements = 0;
        for (const Tensor& tensor : model_.tensors)
            if (tensor.part == part && rows_[tensor.row].bytes == 0)
                elements += static_cast<double>(tensor.elements());
        return elements;
    }

    /// What of a part's nameless bytes falls on a row: on those that nothing was found for, if there are any.
    double spread(const Tensor& tensor) const
    {
        const auto found = spread_.find(tensor.part);
        if (found == spread_.end())
            return 0;
        const double lacking = missing(tensor.part);
        const auto elements = static_cast<double>(tensor.elements());
        if (lacking > 0)
            return rows_[tensor.row].bytes == 0 ? found->second.bytes * elements / lacking : 0;
        // A table beside the rows, such as RoPE's frequencies: one row, the smallest, has it, so that the others are
        // still of the types that they are of.
        return tensor.row == smallest_row(tensor.part) ? found->second.bytes : 0;
    }

    std::size_t smallest_row(Part part) const
    {
        const Tensor* smallest = nullptr;
        for (const Tensor& tensor : model_.tensors)
            if (tensor.part == part && (smallest == nullptr || tensor.elements() < smallest->elements()))
                smallest = &tensor;
        return smallest == nullptr ? Tensor::no_index : smallest->row;
    }

    /// By type where the file holds as many elements as the row has, else averaged.
    static WeightColumn::Shares shares(const Sum& sum, double elements, double more)
    {
        if (more != 0 || sum.elements != elements)
            return {{"file", elements, elements > 0 ? (sum.bytes + more) * 8 / elements : 0}};
        WeightColumn::Shares by_type;
        for (const auto& [type, amounts] : sum.by_type)
            by_type.push_back({type, amounts.first, amounts.second * 8 / amounts.first});
        return by_type;
    }

    WeightColumn::Shares shares(const Tensor& tensor) const
    {
        const Sum& sum = rows_[tensor.row];
        const auto elements = static_cast<double>(tensor.elements());
        const double more = spread(tensor);
        // Rows without a name of their own, all in the one type that their part's nameless tensors have.
        if (const auto found = spread_.find(tensor.part); sum.bytes == 0 && found != spread_.end())
            if (found->second.by_type.size() == 1 && found->second.elements == missing(tensor.part))
                return {{found->second.by_type.begin()->first, elements, more * 8 / elements}};
        return shares(sum, elements, more);
    }

    /// Nothing where some layers have no tensor of this name: then all are taken to be alike.
    std::vector<StoredLayers> layers_of(const Tensor& tensor) const
    {
        std::vector<StoredLayers> layers;
        const auto& found = layers_[tensor.row];
        if (tensor.kind == Tensor::no_index || found.size() != static_cast<std::size_t>(tensor.layers))
            return layers;
        const double more = spread(tensor) / static_cast<double>(tensor.layers);
        for (const auto& [layer, sum] : found)
            append_layer(layers, shares(sum, static_cast<double>(tensor.elements_per_layer()), more));
        return layers;
    }

    const Model& model_;
    RowFinder finder_;
    std::vector<Sum> rows_;
    std::vector<std::map<std::int64_t, Sum>> layers_; ///< of each row, by their place in the network
    std::map<Part, Sum> spread_;
    std::int64_t foreign_bytes_ = 0;
};

} // namespace

Part part_of_tensor(std::string_view name)
{
    if (has_part(name, {"vision", "visual", "multi_modal", "mm_projector", "image_newline", "audio_tower", "v.blk"}) ||
        name.starts_with("mm."))
        return Part::vision;
    if (has_part(name, {"shared_expert_gate", "ffn_gate_inp", "exp_probs_b", ".router.", "mlp.gate.", "moe.gate."}))
        return Part::router;
    if (has_part(name, {"norm", "ln_1", "ln_2", "ln_f"}))
        return Part::norms;
    if (has_part(name, {"shared_expert", "shexp"}))
        return Part::shared_experts;
    if (has_part(name, {"experts", "_exps"}))
        return Part::experts;
    if (has_part(name, {"embed", "token_embd", "lm_head", "wte", "wpe"}) || name == "output.weight")
        return Part::embedding;
    if (has_part(name, {"mlp", "ffn", "feed_forward", "fc1", "fc2"}))
        return Part::feed_forward;
    return Part::attention;
}

StoredWeights stored_weights(const std::vector<TensorFile>& files, const Model& model, std::vector<Issue>& issues)
{
    StoredWeights stored;
    Collector collector(model);
    for (const TensorFile& file : files) {
        StoredFile& row = stored.files.emplace_back(StoredFile{.name = file.name});
        for (const StoredTensor& tensor : file.tensors) {
            ++row.tensors;
            row.bytes += tensor.bytes;
            collector.add(tensor, stored);
        }
    }
    stored.rows = collector.column();
    if (collector.foreign_bytes() > 0)
        issues.push_back(
            {"weights", Severity::warning,
             "The files hold " + in_fitting_unit({collector.foreign_bytes()}, ByteUnit::gib) +
                 " of parts that the architecture read from the config does not have; they are left out."});
    return stored;
}

ModelPointer with_stored_weights(const Model& model, StoredWeights stored, std::string label, ComputeType compute,
                                 std::shared_ptr<const WeightColumn> rule, std::vector<Issue> issues)
{
    auto made = std::make_shared<Model>(model);
    made->published = PublishedWeights{
        .label = std::move(label), .compute = compute, .stored = std::move(stored), .rule = std::move(rule)};
    made->issues.insert(made->issues.end(), issues.begin(), issues.end());
    return made;
}

} // namespace weighbridge
