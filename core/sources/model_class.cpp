#include "core/sources/model_class.h"

#include "core/sources/families/decoder.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;

std::string named_class(const json& config)
{
    const auto found = config.find("architectures");
    if (found == config.end() || !found->is_array() || found->empty() || !found->front().is_string())
        return "";
    return found->front().get<std::string>();
}

void replace_head(Architecture& network, std::int64_t rows, bool bias)
{
    network.tie_word_embeddings = true; // no matrix of the vocabulary
    std::erase_if(network.outer, [](const Tensor& tensor) { return tensor.name.starts_with("lm_head."); });
    if (rows == 0)
        return;
    const auto add = [&](Tensor tensor) {
        tensor.end = End::output;
        tensor.quantizable = false;
        network.outer.push_back(tensor);
    };
    add(matrix_tensor("score.weight", Part::embedding, {rows, "n_labels"}, {network.hidden_size, "h"},
                      Sharding::replicated));
    if (bias)
        add(vector_tensor("score.bias", Part::embedding, {rows, "n_labels"}, Sharding::replicated));
}

} // namespace

ModelClass model_class(const json& config)
{
    static constexpr std::array<std::pair<std::string_view, ModelClass>, 9> ends = {{
        {"ForRetrieval", ModelClass::bare},
        {"ForMaskedLM", ModelClass::masked},
        {"ForPreTraining", ModelClass::masked},
        {"ForSequenceClassification", ModelClass::sequence},
        {"ForTokenClassification", ModelClass::token},
        {"ForQuestionAnswering", ModelClass::question},
        {"ForMultipleChoice", ModelClass::choice},
        {"LMHeadModel", ModelClass::language},
        {"MTModel", ModelClass::language},
    }};
    const std::string name = named_class(config);
    if (name.empty() || config.contains("auto_map"))
        return ModelClass::unknown;
    for (const auto& [end, known] : ends)
        if (name.ends_with(end))
            return known;
    return name.ends_with("Model") ? ModelClass::bare : ModelClass::language;
}

std::int64_t number_of_labels(const json& config)
{
    constexpr std::int64_t usual = 2;
    const ModelClass known = model_class(config);
    if (known == ModelClass::choice)
        return 1;
    if (const auto labels = config.find("id2label"); labels != config.end() && labels->is_object() && !labels->empty())
        return static_cast<std::int64_t>(labels->size());
    const auto count = config.find("num_labels");
    if (count == config.end() || !count->is_number_integer())
        return usual;
    return std::clamp<std::int64_t>(count->get<std::int64_t>(), 1, ranges::vocabulary.maximum);
}

void read_head(const json& config, Architecture& network)
{
    const ModelClass known = model_class(config);
    if (known == ModelClass::bare)
        replace_head(network, 0, false);
    else if (known == ModelClass::sequence)
        replace_head(network, number_of_labels(config), false);
    if (known != ModelClass::token && known != ModelClass::question)
        return;
    constexpr std::int64_t start_and_end = 2;
    replace_head(network, known == ModelClass::token ? number_of_labels(config) : start_and_end, true);
    keep_no_cache(network); // the class asks for none
}

} // namespace weighbridge
