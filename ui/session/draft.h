#pragma once

#include "core/hardware/accelerator.h"
#include "ui/session/loaded_model.h"

#include <QMap>
#include <QString>

#include <memory>

namespace weighbridge {

/// What was typed into a field and can't be used, with the reason.
struct InvalidText
{
    QString text;
    QString message;

    bool operator==(const InvalidText&) const = default;
};

/// Everything that an edit can change: one undo step holds the one before and the one after.
struct Draft
{
    Scenario scenario;
    std::shared_ptr<const LoadedModel> origin; ///< the model as it was chosen, before any field of it was edited
    LoadedModel model;                         ///< as it stands
    QMap<QString, InvalidText> invalid;        ///< by field key

    bool operator==(const Draft& other) const;
};

/// The draft with one field set from the text that a person typed. Keys are those of scenario_fields() and of the
/// architecture
/// ("model.hidden_size"), and what the form splits up or joins:
/// - "inference.method" (detailed, book, notebook: see core/scenario/method.h),
/// - "inference.flash_attention" ("true" or "false"), the notebook's switch,
/// - "inference.overhead_kind" ("bytes" or "fraction"),
/// - "hardware.custom.name", ".memory" (GiB), ".bandwidth" (GB/s), ".peak" (dense TFLOP/s at 16 bits).
/// overhead_bytes is typed in GiB here; fractions may be given in per cent.
/// Text that can't be used is kept in `invalid` and changes nothing else.
void editField(Draft& draft, const QString& key, const QString& text);

/// The text an editor shows: what was typed while that is invalid, else the value. Empty where the field has no value.
QString draftText(const Draft& draft, const QString& key);

/// Whether the model's family has this architecture field at all.
bool hasArchitectureField(const Draft& draft, const QString& key);

/// Whether the model's config has a key of its own for this architecture field, so that it can be edited.
bool hasArchitectureKey(const Draft& draft, const QString& key);

} // namespace weighbridge
