#pragma once

#include "core/answers/recommend.h"
#include "core/answers/savings.h"
#include "core/answers/serving.h"
#include "core/answers/training_tables.h"
#include "core/report/table.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace weighbridge {

/// "TP 8", "PP 4", "TP 2 × DP 4"; "1 GPU" where nothing is shared out, "—" where there is no layout.
std::string layout_text(const Recommendation& row);

/// "Smallest of 72 configurations at 92 % usable: 2× H100 SXM 80 GB (TP 2), 71.30 GiB of 79.65 GiB per GPU, 90 % used".
std::string recommendation_line(const Recommendations& recommendations);

enum class Listed
{
    every,
    fitting,
};

/// The configurations, the smallest first.
Table recommendation_table(const Recommendations& recommendations, Listed which = Listed::every);
nlohmann::ordered_json recommendations_json(const Recommendations& recommendations);

/// "1,234", "at least 1,048,576", "none": a figure of a search that ends at `most`.
std::string searched_text(std::int64_t found, std::int64_t most);

/// Requests of each length, and contexts of each concurrency, with what there is to remark in the last column.
Table serving_lengths_table(const ServingCapacity& serving);
Table serving_concurrencies_table(const ServingCapacity& serving);
/// Both, the points of both curves and the capacity lines.
std::vector<Table> serving_tables(const ServingCapacity& serving);
nlohmann::ordered_json serving_json(const ServingCapacity& serving);

/// One row per option.
/// What fits of a training step by length, by micro batch and by accelerator.
std::vector<Table> training_tables_of(const TrainingTables& tables);

Table savings_table(const Savings& savings);

} // namespace weighbridge
