#pragma once

#include "core/quantity/result.h"
#include "ui/session/loaded_model.h"

#include <QString>

#include <optional>
#include <string>

namespace weighbridge {

/// What a text file that a person opens turned out to hold.
struct OpenedFile
{
    /// A config.json and what to call its model.
    struct Config
    {
        QByteArray bytes;
        QString name;
        QString path;
    };

    std::optional<Config> config;
    std::optional<Scenario> scenario;
};

/// Reads a config.json, the one of a model folder, or a scenario. The error names the path.
Result<OpenedFile> readTextFile(const QString& path);

} // namespace weighbridge
