#pragma once

#include "core/answers/recommend.h"
#include "core/answers/savings.h"
#include "core/answers/serving.h"
#include "core/report/csv_table.h"
#include "core/report/training_report.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace weighbridge {

/// "TP 8", "PP 4", "TP 2 × DP 4"; "1 GPU" where nothing is shared out, "—" where there is no layout.
std::string layout_text(const Recommendation& row);

/// "Smallest of 72 configurations at 92 % usable: 2× H100 SXM 80 GB (TP 2), 71.30 GiB of 79.65 GiB per GPU, 90 % used".
std::string recommendation_line(const Recommendations& recommendations);

/// A row for each configuration that fits, the smallest first.
TextRows recommendation_rows(const Recommendations& recommendations);

/// Every configuration, also those that don't fit.
nlohmann::ordered_json recommendations_json(const Recommendations& recommendations);
void add_recommendations(csv::Table& table, const Recommendations& recommendations);

/// Requests of each length, and contexts of each concurrency, with what there is to remark in the last column.
TextRows serving_length_rows(const ServingCapacity& serving);
TextRows serving_concurrency_rows(const ServingCapacity& serving);

/// "1,234", "at least 1,048,576", "none": a figure of a search that ends at `most`.
std::string searched_text(std::int64_t found, std::int64_t most);

/// Both tables, the points of both curves and the capacity lines.
nlohmann::ordered_json serving_json(const ServingCapacity& serving);
void add_serving(csv::Table& table, const ServingCapacity& serving);

/// One row per option.
nlohmann::ordered_json savings_json(const Savings& savings);
void add_savings(csv::Table& table, const Savings& savings);

} // namespace weighbridge
