#include "core/sources/expression.h"
#include "core/sources/families/dense.h"
#include "core/sources/families/family.h"
#include "core/sources/model_class.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

// BERT and its heirs: encoders of text, a row each (modeling_bert.py, modeling_roberta.py, modeling_modernbert.py and
// the others of transformers, each named as the row). Nothing is cached; the head is that of the class in
// `architectures`.

namespace weighbridge {

namespace {

/// What comes before the tied matrix that predicts a masked token.
enum class MaskedHead
{
    none,      ///< nothing (EuroBERT)
    bias,      ///< a bias per token alone
    transform, ///< a matrix with a bias, a LayerNorm, a bias per token
    plain,     ///< a matrix and a norm without biases; a bias per token where decoder_bias says so (ModernBERT)
};

/// What a sequence's classifier sees.
enum class SequenceHead
{
    pooled, ///< the pooler's output
    dense,  ///< that of a matrix of its own (RoBERTa)
    plain,  ///< the same without a bias, and a norm (ModernBERT)
};

struct EncoderRow
{
    std::string_view model_type;
    std::string_view positions = "max_position_embeddings"; ///< rows of the table, an expression; empty: none
    std::string_view embedding_width = {};                  ///< key, where it is not hidden_size
    bool token_types = true;
    bool embedding_norm = true;
    bool final_norm = false;
    bool pooler = true;         ///< of the bare class
    bool pooler_in_all = false; ///< of every class
    MaskedHead masked = MaskedHead::transform;
    SequenceHead sequence = SequenceHead::pooled;
    std::string_view extra = {};  ///< parameters beside all that, an expression
    std::string_view layers = {}; ///< distinct layers, an expression; empty: num_hidden_layers
    bool second_head_bias = true; ///< an untied matrix has a bias of its own beside that of the head
};

constexpr std::array encoder_rows = {
    EncoderRow{.model_type = "albert",
               .embedding_width = "embedding_size",
               .extra = "biased(embedding_size, hidden_size)",
               .layers = "num_hidden_groups * inner_group_num"},
    EncoderRow{.model_type = "bert"},
    EncoderRow{.model_type = "bert-generation", .token_types = false, .pooler = false, .masked = MaskedHead::bias},
    EncoderRow{.model_type = "big_bird", .pooler_in_all = true, .sequence = SequenceHead::dense},
    EncoderRow{.model_type = "camembert", .sequence = SequenceHead::dense},
    EncoderRow{.model_type = "data2vec-text", .sequence = SequenceHead::dense},
    EncoderRow{.model_type = "deberta-v2",
               .positions = "if(position_biased_input, max_position_embeddings, 0)",
               .pooler = false,
               .extra = "if(or(relative_attention, 0), 2 * if(or(position_buckets, 0) > 0, or(position_buckets, 0), "
                        "max_position_embeddings) * hidden_size + norm(hidden_size), 0) + if(or(conv_kernel_size, 0), "
                        "hidden_size * hidden_size * or(conv_kernel_size, 0) + hidden_size + norm(hidden_size), 0)"},
    EncoderRow{.model_type = "distilbert",
               .token_types = false,
               .pooler = false,
               .sequence = SequenceHead::dense,
               .second_head_bias = false},
    EncoderRow{.model_type = "electra",
               .embedding_width = "embedding_size",
               .pooler = false,
               .sequence = SequenceHead::dense,
               .extra = "if(embedding_size == hidden_size, 0, biased(embedding_size, hidden_size))",
               .second_head_bias = false},
    EncoderRow{.model_type = "ernie", .extra = "if(or(use_task_id, 0), task_type_vocab_size * hidden_size, 0)"},
    EncoderRow{.model_type = "esm",
               .positions = "if(is(position_embedding_type, 'rotary'), 0, max_position_embeddings)",
               .token_types = false,
               .embedding_norm = false,
               .final_norm = true,
               .sequence = SequenceHead::dense,
               .extra = "num_hidden_layers * num_attention_heads + 1"},
    EncoderRow{.model_type = "ibert", .sequence = SequenceHead::dense},
    EncoderRow{.model_type = "jina_bert_v3", .positions = ""},
    EncoderRow{.model_type = "jina_embeddings_v3", .positions = "", .sequence = SequenceHead::dense},
    EncoderRow{.model_type = "longformer",
               .sequence = SequenceHead::dense,
               .extra = "3 * num_hidden_layers * biased(hidden_size, hidden_size)"},
    EncoderRow{.model_type = "megatron-bert", .embedding_norm = false, .final_norm = true},
    EncoderRow{.model_type = "mpnet",
               .token_types = false,
               .sequence = SequenceHead::dense,
               .extra = "relative_attention_num_buckets * num_attention_heads"},
    EncoderRow{.model_type = "nystromformer",
               .positions = "max_position_embeddings + 2",
               .pooler = false,
               .sequence = SequenceHead::dense,
               .extra = "num_hidden_layers * num_attention_heads * conv_kernel_size"},
    EncoderRow{.model_type = "roberta", .sequence = SequenceHead::dense},
    EncoderRow{.model_type = "roberta-prelayernorm", .final_norm = true, .sequence = SequenceHead::dense},
    EncoderRow{.model_type = "roformer",
               .positions = "",
               .embedding_width = "embedding_size",
               .pooler = false,
               .sequence = SequenceHead::dense,
               .extra = "max_position_embeddings * hidden_size / num_attention_heads + if(embedding_size == "
                        "hidden_size, 0, biased(embedding_size, hidden_size))"},
    EncoderRow{.model_type = "xlm-roberta", .sequence = SequenceHead::dense},
    EncoderRow{
        .model_type = "xlm-roberta-xl", .embedding_norm = false, .final_norm = true, .sequence = SequenceHead::dense},
};

constexpr EncoderRow eurobert{.model_type = "eurobert",
                              .positions = "",
                              .token_types = false,
                              .embedding_norm = false,
                              .pooler = false,
                              .masked = MaskedHead::none,
                              .sequence = SequenceHead::dense};
constexpr EncoderRow gte{.model_type = "gte", .positions = "", .pooler = false, .second_head_bias = false};
constexpr EncoderRow modernbert{.model_type = "modernbert",
                                .positions = "",
                                .token_types = false,
                                .embedding_norm = false,
                                .pooler = false,
                                .masked = MaskedHead::plain,
                                .sequence = SequenceHead::plain,
                                .extra = "if(or(norm_bias, 0), norm(hidden_size), hidden_size)"};
constexpr EncoderRow nomic{.model_type = "nomic_bert", .positions = "", .pooler = false};

/// Adds what is neither layer nor vocabulary.
class Parts
{
public:
    Parts(ConfigReader& config, const nlohmann::json& file, Architecture& network, const EncoderRow& row)
        : config_(config), file_(file), network_(network), row_(row)
    {
        width_ = row.embedding_width.empty() ? network.hidden_size : config.integer(row.embedding_width, ranges::size);
        if (width_ != network.hidden_size)
            network.embedding_size = width_;
    }

    void embeddings()
    {
        if (row_.token_types)
            table("embeddings.token_type_embeddings.weight",
                  config_.optional_integer("type_vocab_size", {0, 1024}).value_or(0));
        if (!row_.positions.empty())
            table("embeddings.position_embeddings.weight", expression(row_.positions));
        if (row_.embedding_norm)
            norm("embeddings.LayerNorm", width_);
        if (!row_.extra.empty())
            numbers("encoder.extra", Part::embedding, expression(row_.extra));
        if (row_.final_norm)
            network_.final_norm = {true, true};
    }

    /// Tied but where a masked-token class says otherwise; without a vocabulary's matrix in every other class.
    void head()
    {
        const ModelClass known = model_class(file_);
        const bool predicts = known == ModelClass::masked || known == ModelClass::language;
        const bool untied = predicts && !network_.tie_word_embeddings;
        const std::int64_t h = network_.hidden_size;
        network_.tie_word_embeddings = !untied;
        const bool pooled = known == ModelClass::sequence && row_.sequence == SequenceHead::pooled;
        const bool choice = known == ModelClass::choice && (row_.pooler || row_.sequence == SequenceHead::pooled);
        if (row_.pooler_in_all || pooled || choice || (known == ModelClass::bare && row_.pooler))
            matrix("pooler.dense", h, h, true);
        if (predicts)
            masked_head(untied);
        else if (known != ModelClass::bare && known != ModelClass::unknown)
            classifier(known);
    }

private:
    void masked_head(bool untied)
    {
        if (row_.masked == MaskedHead::none)
            return;
        if (row_.masked == MaskedHead::plain) {
            plain_head();
        } else if (row_.masked == MaskedHead::transform) {
            matrix("cls.predictions.transform", width_, network_.hidden_size, true);
            norm("cls.predictions.LayerNorm", width_);
        }
        if (row_.masked != MaskedHead::plain || config_.flag("decoder_bias", true))
            network_.outer.push_back(head_bias(network_.vocab_size));
        if (untied && row_.second_head_bias)
            numbers("cls.predictions.decoder.bias", Part::embedding, network_.vocab_size);
    }

    void classifier(ModelClass known)
    {
        const std::int64_t h = network_.hidden_size;
        const bool own_matrix = row_.sequence == SequenceHead::dense &&
                                (known == ModelClass::sequence || (known == ModelClass::choice && !row_.pooler));
        if (own_matrix)
            matrix("classifier.dense", h, h, true);
        if (row_.sequence == SequenceHead::plain)
            plain_head();
        matrix("classifier", number_of_labels(file_), h, true);
    }

    void plain_head()
    {
        const std::int64_t h = network_.hidden_size;
        matrix("head.dense", h, h, config_.flag("classifier_bias"));
        numbers("head.norm", Part::norms, config_.flag("norm_bias") ? 2 * h : h);
    }

    std::int64_t expression(std::string_view text)
    {
        ExpressionScope scope{.config = &config_, .names = {}, .prefixes = {}};
        return static_cast<std::int64_t>(evaluate(text, scope));
    }

    void table(std::string_view name, std::int64_t count)
    {
        if (count <= 0)
            return;
        Tensor tensor = matrix_tensor(name, Part::embedding, {count, "n_rows"}, {width_, "h"}, Sharding::replicated);
        tensor.quantizable = false;
        tensor.active_copies = 0; // rows are read
        network_.outer.push_back(tensor);
    }

    void matrix(std::string_view name, std::int64_t outputs, std::int64_t inputs, bool bias)
    {
        Tensor tensor = matrix_tensor(name, Part::embedding, {outputs, "h_out"}, {inputs, "h"}, Sharding::replicated);
        tensor.end = End::output;
        network_.outer.push_back(tensor);
        if (bias)
            numbers(name, Part::embedding, outputs);
    }

    void norm(std::string_view name, std::int64_t size) { numbers(name, Part::norms, 2 * size); }

    void numbers(std::string_view name, Part part, std::int64_t count)
    {
        if (count > 0)
            network_.outer.push_back(vector_tensor(name, part, {count, "n"}, Sharding::replicated));
    }

    ConfigReader& config_;
    const nlohmann::json& file_;
    Architecture& network_;
    const EncoderRow& row_;
    std::int64_t width_ = 0;
};

void finish(ConfigReader& config, ConfigReader& outer, Architecture& network, const EncoderRow& row)
{
    static const nlohmann::json nothing = nlohmann::json::object();
    Parts parts(config, outer.object() == nullptr ? nothing : *outer.object(), network, row);
    parts.embeddings();
    parts.head();
    keep_no_cache(network);
}

void read_encoder(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    const auto* row = std::find_if(encoder_rows.begin(), encoder_rows.end(),
                                   [&](const EncoderRow& known) { return known.model_type == network.family; });
    if (row == encoder_rows.end()) {
        config.fail("model_type", "has no row among the encoders");
        return;
    }
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = true;
    DenseFeedForward dense = read_dense(config);
    dense.gated = false;
    dense.bias = true;
    Layer layer(attention, dense);
    layer.norm_bias = true;
    std::int64_t count = read_layer_count(config);
    if (!row->layers.empty()) {
        ExpressionScope scope{.config = &config, .names = {}, .prefixes = {}};
        count = std::clamp<std::int64_t>(static_cast<std::int64_t>(evaluate(row->layers, scope)), 1, count);
    }
    network.final_norm = {false, false};
    append_equal_layers(network, count, layer);
    finish(config, outer, network, *row);
}

void read_eurobert(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    static constexpr DenseTraits traits{
        .qkv_bias = attention_bias, .output_bias = attention_bias, .mlp_bias = when("mlp_bias")};
    read_dense_decoder(config, network, traits);
    finish(config, outer, network, eurobert);
}

/// Gate and up projection without biases; norms behind.
void read_nomic_bert(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    static constexpr DenseTraits traits{.norm_bias = true, .final_norm = false};
    if (config.optional_integer("num_experts", ranges::experts_or_none).value_or(0) > 0)
        config.refuse("num_experts", "layers of experts in such an encoder have no rule here");
    config.ignore({"moe_top_k", "moe_every_n_layers"});
    read_dense_decoder(config, network, traits);
    finish(config, outer, network, nomic);
}

/// Biases but on gate and up projection.
void read_gte(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    static constexpr DenseTraits traits{
        .qkv_bias = always, .output_bias = always, .norm_bias = true, .final_norm = false};
    read_dense_decoder(config, network, traits);
    for (Layer& layer : network.kinds)
        layer.extras.push_back(
            vector_tensor("mlp.down_proj.bias", Part::feed_forward, {network.hidden_size, "h"}, Sharding::replicated));
    finish(config, outer, network, gte);
}

/// Biases only where the file says so, gated networks, a norm of the embeddings in place of the first layer's; windows
/// change no tensor.
void read_modernbert(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    static constexpr DenseTraits traits{
        .qkv_bias = attention_bias, .output_bias = attention_bias, .mlp_bias = when("mlp_bias")};
    config.ignore({"local_attention", "layer_types", "sliding_window"});
    read_dense_decoder(config, network, traits);
    network.kinds.front().norm_bias = network.final_norm.bias = config.flag("norm_bias");
    Layer first = network.kinds.front();
    first.norms = 1;
    const std::int64_t count = network.layers();
    network.runs.clear();
    const Layer other = network.kinds.front();
    network.kinds.clear();
    network.append(first);
    append_equal_layers(network, count - 1, other);
    finish(config, outer, network, modernbert);
}

} // namespace

std::span<const Family> bert_families()
{
    static constexpr FamilyKeys keys{.num_kv_heads = {}, .head_dim = {}};
    static constexpr std::array families = {
        Family{"albert", "", "albert", read_encoder, keys, true},
        Family{"bert", "", "bert", read_encoder, keys, true},
        Family{"bert-generation", "", "bert-generation", read_encoder, keys, true},
        Family{"big_bird", "", "big_bird", read_encoder, keys, true},
        Family{"camembert", "", "camembert", read_encoder, keys, true},
        Family{"data2vec-text", "", "data2vec-text", read_encoder, keys, true},
        Family{"deberta-v2", "", "deberta-v2", read_encoder, keys, true},
        Family{"distilbert", "", "distilbert", read_encoder, keys, true},
        Family{"electra", "", "electra", read_encoder, keys, true},
        Family{"ernie", "", "ernie", read_encoder, keys, true},
        Family{"esm", "", "esm", read_encoder, keys, true},
        Family{"eurobert", "", "eurobert", read_eurobert, {}, true},
        Family{"gte", "", "gte", read_gte, keys, true},
        Family{"ibert", "", "ibert", read_encoder, keys, true},
        Family{"jina_bert_v3", "", "bert", read_encoder, keys, true},
        Family{"jina_embeddings_v3", "", "jina_embeddings_v3", read_encoder, keys, true},
        Family{"longformer", "", "longformer", read_encoder, keys, true},
        Family{"megatron-bert", "", "megatron-bert", read_encoder, keys, true},
        Family{"modernbert", "", "modernbert", read_modernbert, keys, true},
        Family{"mpnet", "", "mpnet", read_encoder, keys, true},
        Family{"nomic_bert", "", "nomic_bert", read_nomic_bert, keys, true},
        Family{"nystromformer", "", "nystromformer", read_encoder, keys, true},
        Family{"roberta", "", "roberta", read_encoder, keys, true},
        Family{"roberta-prelayernorm", "", "roberta-prelayernorm", read_encoder, keys, true},
        Family{"roformer", "", "roformer", read_encoder, keys, true},
        Family{"xlm-roberta", "", "xlm-roberta", read_encoder, keys, true},
        Family{"xlm-roberta-xl", "", "xlm-roberta-xl", read_encoder, keys, true},
    };
    return families;
}

} // namespace weighbridge
