#include "core/sources/model_class.h"

#include "core/sources/families/decoder.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

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

/// transformers writes id2label only where it is not the usual pair.
std::int64_t number_of_labels(const json& config)
{
    constexpr std::int64_t usual = 2;
    if (const auto labels = config.find("id2label"); labels != config.end() && labels->is_object() && !labels->empty())
        return static_cast<std::int64_t>(labels->size());
    const auto count = config.find("num_labels");
    if (count == config.end() || !count->is_number_integer())
        return usual;
    return std::clamp<std::int64_t>(count->get<std::int64_t>(), 1, ranges::vocabulary.maximum);
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

void read_head(const json& config, Architecture& network)
{
    const std::string name = named_class(config);
    if (config.contains("auto_map"))
        return;
    const bool with_head = name.find("LMHead") != std::string::npos || name.ends_with("MTModel");
    if ((name.ends_with("Model") && !with_head) || name.ends_with("ForRetrieval"))
        replace_head(network, 0, false);
    else if (name.ends_with("ForSequenceClassification"))
        replace_head(network, number_of_labels(config), false);
    else if (name.ends_with("ForTokenClassification"))
        replace_head(network, number_of_labels(config), true);
    else if (name.ends_with("ForQuestionAnswering"))
        replace_head(network, 2, true);
    if (name.ends_with("ForTokenClassification") || name.ends_with("ForQuestionAnswering"))
        keep_no_cache(network); // the class asks for none
}

} // namespace weighbridge
