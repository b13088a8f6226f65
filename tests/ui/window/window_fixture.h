#pragma once

#include "ui/form/form.h"
#include "ui/form/line_edit.h"
#include "ui/session/session.h"
#include "ui/session/text.h"
#include "ui/window/main_window.h"

#include <gtest/gtest.h>

#include <QLabel>
#include <QTemporaryDir>
#include <QTest>
#include <QUndoStack>

#include <memory>
#include <ostream>

inline void PrintTo(const QString& text, std::ostream* stream)
{
    *stream << '"' << text.toStdString() << '"';
}

namespace weighbridge::test {

using namespace Qt::StringLiterals;

/// A config.json with two layers.
inline constexpr const char* smallLlama =
    R"({"model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "vocab_size": 100})";

/// The real window with settings of its own, driven by keys, its widgets found by objectName.
class WindowTest : public ::testing::Test
{
public:
    static Appearance* appearance;

protected:
    WindowTest();
    ~WindowTest() override;

    /// Opens the window anew, as the next start would.
    void open(QSize size = {1440, 900});
    void close();

    Session& session() { return window->session(); }
    Form& form() { return window->form(); }
    /// Rows of folded groups are made when they are unfolded, which this does where the name is not found.
    template<class Widget = QWidget>
    Widget* find(const QString& name) const
    {
        auto* found = window->findChild<Widget*>(name);
        if (found == nullptr) {
            unfoldAll();
            found = window->findChild<Widget*>(name);
        }
        if (found == nullptr)
            ADD_FAILURE() << "no widget called " << name.toStdString();
        return found;
    }

    void unfoldAll() const;

    /// Focuses the field, replaces its text by key clicks and lets the window settle.
    void type(const QString& key, const QString& text);
    void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier);
    /// Triggers a menu action by name.
    void trigger(const QString& action);
    void settle();
    QString messageText() const;
    QString noteOf(const QString& key) const;
    QString write(const QString& name, const QByteArray& bytes) const;

    QTemporaryDir folder;
    WindowServices services;
    QString nextPath; ///< what the person answers when asked for a path
    std::unique_ptr<MainWindow> window;
};

} // namespace weighbridge::test
