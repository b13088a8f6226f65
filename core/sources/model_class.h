#pragma once

#include "core/model/architecture.h"
#include "core/sources/config_reader.h"

#include <nlohmann/json_fwd.hpp>

namespace weighbridge {

/// Gives the network the head of the class that a config's `architectures` names: a bare model has none, a classifier
/// `num_labels` rows (2 unless id2label says otherwise) in place of the vocabulary, a token classifier and a
/// question-answering head a bias beside. Classes of a repository's own code (`auto_map`) are named as their authors
/// like, so they change nothing.
void read_head(const nlohmann::json& config, Architecture& network);

} // namespace weighbridge
