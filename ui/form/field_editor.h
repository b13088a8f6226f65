#pragma once

#include "ui/form/form_field.h"

#include <QList>
#include <QString>
#include <QWidget>

#include <functional>

namespace weighbridge {

/// An editor of the form, whatever it is made of: how to show a value, and how it tells of edits.
struct FieldEditor
{
    QWidget* widget = nullptr; ///< what stands in the row
    QWidget* focus = nullptr;  ///< what takes the keys; carries objectName, accessible name and tool tip
    std::function<void(const QString& text)> show = {};
    std::function<void(const QString& suffix)> showSuffix = {};
    std::function<void(const QString& placeholder)> showPlaceholder = {};
    std::function<QList<QWidget*>()> parts = {}; ///< all that takes the keys, in order, where it is more than `focus`
};

/// What a built editor calls.
struct FieldEvents
{
    std::function<void(const QString& text)> edited;
    std::function<void()> left;
};

/// The editor of a field of any kind but the model, the Hub and the accelerator.
FieldEditor makeEditor(const FormField& field, const FieldEvents& events, QWidget* parent);

/// Name, tool tip and objectName, the same for every editor.
void nameEditor(const FormField& field, QWidget* widget);

} // namespace weighbridge
