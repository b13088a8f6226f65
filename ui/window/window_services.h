#pragma once

#include "ui/models/model_source.h"

#include <QString>
#include <QWidget>

#include <functional>

namespace weighbridge {

/// A path that the person is asked for.
struct PathQuestion
{
    enum class Kind
    {
        openFile,
        openFolder,
        saveFile,
    };

    Kind kind = Kind::openFile;
    QString title;
    QString filter;    ///< "PNG image (*.png)"
    QString suggested; ///< file name, with its ending
};

/// Asks, and calls `answer` with the path later; not at all when the person gives up.
using PathAsker =
    std::function<void(QWidget* parent, const PathQuestion& question, std::function<void(const QString&)> answer)>;

/// What the window reaches beyond itself by; tests bring their own.
struct WindowServices
{
    QString settingsPath; ///< empty: nothing is kept
    HubAccess hub;
    PathAsker askPath;

    static WindowServices standard();
};

} // namespace weighbridge
