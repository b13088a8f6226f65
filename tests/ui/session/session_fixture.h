#pragma once

#include "ui/session/session.h"
#include "ui/session/text.h"

#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QSignalSpy>
#include <QUndoStack>

#include <algorithm>
#include <ostream>
#include <string>

inline void PrintTo(const QString& text, std::ostream* stream)
{
    *stream << '"' << text.toStdString() << '"';
}

namespace weighbridge::test {

using namespace Qt::StringLiterals;

class SessionTest : public ::testing::Test
{
protected:
    void set(const QString& key, const QString& text)
    {
        session.setField(key, text);
        session.flush();
    }

    QString text(const QString& key) const { return session.fieldText(key); }
    QString modelName() const { return toQt(session.model()->name); }
    std::int64_t total() const { return session.state().estimate->total.count; }

    /// The message of an error about that field, or empty.
    QString errorOf(const QString& key) const
    {
        for (const Issue& issue : session.issues())
            if (issue.severity == Severity::error && issue.field == fromQt(key))
                return toQt(issue.message);
        return {};
    }

    void undo()
    {
        session.undoStack().undo();
        session.flush();
    }

    void redo()
    {
        session.undoStack().redo();
        session.flush();
    }

    Session session;
};

} // namespace weighbridge::test
