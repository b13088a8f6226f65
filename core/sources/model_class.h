#pragma once

#include "core/model/architecture.h"
#include "core/sources/config_reader.h"

#include <nlohmann/json_fwd.hpp>

namespace weighbridge {

/// What a class of transformers does with a network, by the end of its name in a config's `architectures`.
enum class ModelClass
{
    unknown,  ///< none named, or one of a repository's own code (`auto_map`), named as its author likes
    language, ///< predicts tokens: ...ForCausalLM, ...LMHeadModel, ...ForConditionalGeneration and all others
    bare,     ///< ...Model, ...ForRetrieval
    masked,   ///< ...ForMaskedLM, ...ForPreTraining
    sequence, ///< ...ForSequenceClassification
    token,    ///< ...ForTokenClassification
    question, ///< ...ForQuestionAnswering
    choice,   ///< ...ForMultipleChoice
};

ModelClass model_class(const nlohmann::json& config);

/// Rows of a classifier: those of id2label, which transformers writes only where it is not the usual pair, or
/// num_labels; 1 for multiple choice.
std::int64_t number_of_labels(const nlohmann::json& config);

/// Gives a decoder the head of its class: a bare model has none, a classifier `number_of_labels` rows in place of the
/// vocabulary, one for tokens or questions a bias beside and no cache.
void read_head(const nlohmann::json& config, Architecture& network);

} // namespace weighbridge
