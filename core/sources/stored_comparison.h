#pragma once

#include "core/model/model.h"
#include "core/quantity/bytes.h"

#include <string>
#include <vector>

namespace weighbridge {

/// What the files of a model hold of one part of its network or in one type, beside what the rule makes of the same.
struct StoredComparison
{
    Part part = Part::attention;
    std::string types = {}; ///< most bytes first: "Q4_K, Q6_K and F32"
    std::int64_t tensors = 0;
    std::int64_t elements = 0;
    Bytes bytes = {};
    std::string rule = {}; ///< "the rule makes 1.19 GiB, 8.21 MiB less"; empty where no rule says
};

/// By part of the network, in the order of the breakdown. Empty where no files were read.
std::vector<StoredComparison> stored_by_part(const Model& model);

/// By type, most bytes first; `part` has no meaning. Types that only the rule has come last, with no bytes. Rules that
/// name no types are not compared. Empty where no files were read.
std::vector<StoredComparison> stored_by_type(const Model& model);

/// What files hold in all, their types most bytes first: "Q4_K, Q6_K and F32".
std::string stored_types(const std::vector<StoredPart>& parts);

/// "4.58 GiB, exact (file): x.gguf: Q4_K and Q6_K (Q4_K_M); the rule makes 4.57 GiB, 8.21 MiB less". Empty where no
/// files were read.
std::string stored_summary(const Model& model);

} // namespace weighbridge
