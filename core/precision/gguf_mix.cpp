#include "core/precision/gguf_mix.h"

#include "core/precision/gguf_rules.h"
#include "core/quantity/nearest.h"

#include <algorithm>
#include <array>
#include <map>

namespace weighbridge {

namespace {

/// llama.h: llama_ftype.
constexpr std::array<GgufMixName, 36> mixes = {{
    {GgufMix::f32, "F32", "F32", 0},
    {GgufMix::f16, "F16", "F16", 1},
    {GgufMix::bf16, "BF16", "BF16", 32},
    {GgufMix::q4_0, "Q4_0", "Q4_0", 2},
    {GgufMix::q4_1, "Q4_1", "Q4_1", 3},
    {GgufMix::q5_0, "Q5_0", "Q5_0", 8},
    {GgufMix::q5_1, "Q5_1", "Q5_1", 9},
    {GgufMix::q8_0, "Q8_0", "Q8_0", 7},
    {GgufMix::q2_k, "Q2_K", "Q2_K", 10},
    {GgufMix::q2_k_s, "Q2_K_S", "Q2_K", 21, true},
    {GgufMix::q3_k_s, "Q3_K_S", "Q3_K", 11},
    {GgufMix::q3_k_m, "Q3_K_M", "Q3_K", 12},
    {GgufMix::q3_k_l, "Q3_K_L", "Q3_K", 13},
    {GgufMix::q4_k_s, "Q4_K_S", "Q4_K", 14},
    {GgufMix::q4_k_m, "Q4_K_M", "Q4_K", 15},
    {GgufMix::q5_k_s, "Q5_K_S", "Q5_K", 16},
    {GgufMix::q5_k_m, "Q5_K_M", "Q5_K", 17},
    {GgufMix::q6_k, "Q6_K", "Q6_K", 18},
    {GgufMix::iq1_s, "IQ1_S", "IQ1_S", 24, true},
    {GgufMix::iq1_m, "IQ1_M", "IQ1_M", 31, true},
    {GgufMix::iq2_xxs, "IQ2_XXS", "IQ2_XXS", 19, true},
    {GgufMix::iq2_xs, "IQ2_XS", "IQ2_XS", 20, true},
    {GgufMix::iq2_s, "IQ2_S", "IQ2_XS", 28, true},
    {GgufMix::iq2_m, "IQ2_M", "IQ2_S", 29, true},
    {GgufMix::iq3_xxs, "IQ3_XXS", "IQ3_XXS", 23, true},
    {GgufMix::iq3_xs, "IQ3_XS", "IQ3_S", 22, true},
    {GgufMix::iq3_s, "IQ3_S", "IQ3_S", 26},
    {GgufMix::iq3_m, "IQ3_M", "IQ3_S", 27},
    {GgufMix::iq4_nl, "IQ4_NL", "IQ4_NL", 25},
    {GgufMix::iq4_xs, "IQ4_XS", "IQ4_XS", 30},
    {GgufMix::tq1_0, "TQ1_0", "TQ1_0", 36},
    {GgufMix::tq2_0, "TQ2_0", "TQ2_0", 37},
    {GgufMix::q1_0, "Q1_0", "Q1_0", 40},
    {GgufMix::q2_0, "Q2_0", "Q2_0", 41},
    {GgufMix::mxfp4_moe, "MXFP4_MOE", "MXFP4", 38},
    {GgufMix::nvfp4, "NVFP4", "NVFP4", 39},
}};

constexpr std::int64_t no_file_type = -1;

constexpr GgufMixName made(GgufMix mix, std::string_view name, std::string_view base)
{
    return {mix, name, base, no_file_type, true, true};
}

/// Unsloth's dynamic mixes, as their repositories name them.
constexpr std::array<GgufMixName, 24> makers = {{
    made(GgufMix::q2_k, "UD-Q2_K_XL", "Q2_K"),       made(GgufMix::q3_k_m, "UD-Q3_K_XL", "Q3_K"),
    made(GgufMix::q4_k_m, "UD-Q4_K_XL", "Q4_K"),     made(GgufMix::q5_k_m, "UD-Q5_K_XL", "Q5_K"),
    made(GgufMix::q6_k, "UD-Q6_K_XL", "Q6_K"),       made(GgufMix::q8_0, "UD-Q8_K_XL", "Q8_0"),
    made(GgufMix::q2_k, "UD-Q2_K", "Q2_K"),          made(GgufMix::q3_k_s, "UD-Q3_K_S", "Q3_K"),
    made(GgufMix::q3_k_m, "UD-Q3_K_M", "Q3_K"),      made(GgufMix::q4_k_s, "UD-Q4_K_S", "Q4_K"),
    made(GgufMix::q4_k_m, "UD-Q4_K_M", "Q4_K"),      made(GgufMix::q5_k_s, "UD-Q5_K_S", "Q5_K"),
    made(GgufMix::q5_k_m, "UD-Q5_K_M", "Q5_K"),      made(GgufMix::q6_k, "UD-Q6_K", "Q6_K"),
    made(GgufMix::iq1_s, "UD-IQ1_S", "IQ1_S"),       made(GgufMix::iq1_m, "UD-IQ1_M", "IQ1_M"),
    made(GgufMix::iq2_xxs, "UD-IQ2_XXS", "IQ2_XXS"), made(GgufMix::iq2_m, "UD-IQ2_M", "IQ2_S"),
    made(GgufMix::iq3_xxs, "UD-IQ3_XXS", "IQ3_XXS"), made(GgufMix::iq3_s, "UD-IQ3_S", "IQ3_S"),
    made(GgufMix::iq4_xs, "UD-IQ4_XS", "IQ4_XS"),    made(GgufMix::iq4_nl, "UD-IQ4_NL", "IQ4_NL"),
    made(GgufMix::tq1_0, "UD-TQ1_0", "TQ1_0"),       made(GgufMix::q4_k_m, "UD-Q4_K", "Q4_K"),
}};

/// ik_llama.cpp's, named as their types.
constexpr std::array<std::string_view, 16> ik_types = {"IQ1_KT", "IQ2_K",  "IQ2_KL", "IQ2_KS", "IQ2_KT",  "IQ3_K",
                                                       "IQ3_KS", "IQ3_KT", "IQ4_K",  "IQ4_KS", "IQ4_KSS", "IQ4_KT",
                                                       "IQ5_K",  "IQ5_KS", "IQ6_K",  "Q6_0"};

std::vector<GgufMixName> mixes_of_ik()
{
    std::vector<GgufMixName> list;
    list.reserve(ik_types.size());
    for (const std::string_view type : ik_types)
        list.push_back({GgufMix::pure, type, type, no_file_type, true});
    return list;
}

/// Names of a type and of no mix: every matrix has it. llama-quantize takes them for the middle one of three mixes.
constexpr std::array<GgufMixName, 3> types_alone = {{
    {GgufMix::only, "Q3_K", "Q3_K", no_file_type},
    {GgufMix::only, "Q4_K", "Q4_K", no_file_type},
    {GgufMix::only, "Q5_K", "Q5_K", no_file_type},
}};

/// Walks a model's tensors in the order of a file: layer by layer, and by name within one.
class Walk
{
public:
    Walk(const GgufMixName& mix, bool imatrix, const Architecture& architecture, const std::vector<Tensor>& tensors)
        : architecture_(architecture), tensors_(tensors),
          rules_(mix, imatrix || mix.needs_imatrix, architecture, tensors)
    {
        for (const Tensor& tensor : tensors)
            pieces_.push_back(gguf_pieces(architecture, tensor));
    }

    std::vector<StoredRow> run()
    {
        std::vector<StoredRow> rows(tensors_.size());
        count_values();
        for (std::size_t row = 0; row < tensors_.size(); ++row)
            if (!in_layers(tensors_[row]))
                add(rows, row, 0);
        std::int64_t layer = 0;
        for (const LayerRun& run : architecture_.runs)
            for (std::int64_t i = 0; i < run.count; ++i, ++layer)
                for (const std::size_t row : rows_of(run.kind))
                    add(rows, row, layer);
        return rows;
    }

private:
    static bool in_layers(const Tensor& tensor) { return tensor.kind != Tensor::no_index; }

    /// The rows of one kind of layer. Routed experts are written before shared ones: their names sort so.
    std::vector<std::size_t>& rows_of(std::size_t kind)
    {
        auto [known, is_new] = rows_of_kind_.try_emplace(kind);
        if (is_new) {
            for (std::size_t row = 0; row < tensors_.size(); ++row)
                if (tensors_[row].kind == kind)
                    known->second.push_back(row);
            std::stable_sort(known->second.begin(), known->second.end(), [&](std::size_t a, std::size_t b) {
                return tensors_[a].part != Part::shared_experts && tensors_[b].part == Part::shared_experts;
            });
        }
        return known->second;
    }

    void count_values()
    {
        for (const LayerRun& run : architecture_.runs)
            for (const std::size_t row : rows_of(run.kind))
                for (const GgufPiece& piece : pieces_[row])
                    if (is_value_like(piece.role))
                        rules_.values += run.count;
    }

    static void add(WeightColumn::Shares& shares, const StoredType& type, double elements)
    {
        const auto same = std::find_if(shares.begin(), shares.end(),
                                       [&](const StoredShare& share) { return share.type == type.name; });
        if (same == shares.end())
            shares.push_back({type.name, elements, type.bits()});
        else
            same->elements += elements;
    }

    void add(std::vector<StoredRow>& rows, std::size_t row, std::int64_t layer)
    {
        const Tensor& tensor = tensors_[row];
        WeightColumn::Shares of_layer;
        for (const GgufPiece& piece : pieces_[row]) {
            const StoredType& type = rules_.type(piece, layer);
            const double elements = piece.fraction * static_cast<double>(tensor.elements_per_layer());
            add(rows[row].shares, type, elements);
            add(of_layer, type, elements);
        }
        append_layer(rows[row].layers, std::move(of_layer));
    }

    const Architecture& architecture_;
    const std::vector<Tensor>& tensors_;
    GgufRules rules_;
    std::vector<std::vector<GgufPiece>> pieces_;
    std::map<std::size_t, std::vector<std::size_t>> rows_of_kind_;
};

} // namespace

std::span<const GgufMixName> gguf_mixes()
{
    return mixes;
}

const GgufMixName* find_gguf_mix(std::string_view name)
{
    static const std::vector<GgufMixName> of_ik = mixes_of_ik();
    const std::array<std::span<const GgufMixName>, 4> lists = {mixes, makers, of_ik, types_alone};
    for (const std::span<const GgufMixName> list : lists)
        for (const GgufMixName& mix : list)
            if (equal_ignoring_case(mix.name, name))
                return &mix;
    return nullptr;
}

bool is_outline(std::string_view format_id)
{
    const std::size_t colon = format_id.find(':');
    const bool gguf = colon != std::string_view::npos && format_id.substr(0, colon) == "gguf";
    const GgufMixName* mix = gguf ? find_gguf_mix(format_id.substr(colon + 1)) : nullptr;
    return format_id.starts_with("ik:") || (mix != nullptr && (mix->maker || mix->mix == GgufMix::pure));
}

std::string_view mix_for_type(std::string_view format_id)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> mixes_of = {
        {{"gguf:Q3_K", "Q3_K_M"}, {"gguf:Q4_K", "Q4_K_M"}, {"gguf:Q5_K", "Q5_K_M"}}};
    for (const auto& [type, mix] : mixes_of)
        if (type == format_id)
            return mix;
    return {};
}

const GgufMixName* gguf_mix_of_file_type(std::int64_t file_type)
{
    for (const GgufMixName& mix : mixes)
        if (mix.file_type == file_type)
            return &mix;
    return nullptr;
}

WeightColumn gguf_column(const GgufMixName& mix, bool imatrix, const Architecture& architecture,
                         const std::vector<Tensor>& tensors)
{
    return WeightColumn(tensors, Walk(mix, imatrix, architecture, tensors).run());
}

namespace {

/// A network with its inventory, for figures that need one.
struct Typical
{
    Architecture network;
    std::vector<Tensor> tensors;
    double elements = 0;
};

Typical typical_of(Architecture network, const Layer& layer, std::int64_t layers)
{
    for (std::int64_t i = 0; i < layers; ++i)
        network.append(layer);
    Typical typical;
    typical.network = std::move(network);
    typical.tensors = weight_inventory(typical.network);
    typical.elements = static_cast<double>(count_parameters(typical.network, typical.tensors).total);
    return typical;
}

Architecture without_layers(std::string_view family, std::int64_t hidden_size, std::int64_t vocab_size)
{
    Architecture network;
    network.family = family;
    network.hidden_size = hidden_size;
    network.vocab_size = vocab_size;
    return network;
}

Attention grouped_attention(std::int64_t heads, std::int64_t kv_heads, std::int64_t width)
{
    Attention attention;
    attention.heads = heads;
    attention.kv_heads = kv_heads;
    attention.head_dim = attention.value_head_dim = width;
    return attention;
}

Typical llama_3_1_8b()
{
    const DenseFeedForward dense{.intermediate_size = 14336};
    return typical_of(without_layers("llama", 4096, 128256), Layer(grouped_attention(32, 8, 128), dense), 32);
}

Typical gpt_oss_20b()
{
    MixtureOfExperts experts;
    experts.routed_experts = 32;
    experts.experts_per_token = 4;
    experts.expert_intermediate_size = 2880;
    return typical_of(without_layers("gpt_oss", 2880, 201088), Layer(grouped_attention(64, 8, 64), experts), 24);
}

} // namespace

double typical_bits(const GgufMixName& mix, bool imatrix)
{
    static const Typical dense = llama_3_1_8b();
    static const Typical experts = gpt_oss_20b();
    const Typical& typical = mix.mix == GgufMix::mxfp4_moe ? experts : dense;
    return gguf_column(mix, imatrix, typical.network, typical.tensors).bytes() * 8 / typical.elements;
}

} // namespace weighbridge
