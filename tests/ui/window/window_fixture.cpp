#include "tests/ui/window/window_fixture.h"

#include "ui/theme/group_heading.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QFile>

namespace weighbridge::test {

Appearance* WindowTest::appearance = nullptr;

WindowTest::WindowTest()
{
    services.settingsPath = folder.filePath(u"settings.json"_s);
    services.hub.baseUrl = QUrl(u"http://127.0.0.1:9"_s);
    services.hub.environment.home = folder.path();
    services.hub.makeManager = [](QObject* parent) { return new QNetworkAccessManager(parent); };
    services.askPath = [this](QWidget*, const PathQuestion&, const std::function<void(const QString&)>& answer) {
        if (!nextPath.isEmpty())
            answer(nextPath);
    };
}

WindowTest::~WindowTest()
{
    close();
    appearance->setTheme(ThemeChoice::system);
    appearance->setFontStep(0);
}

void WindowTest::open(QSize size)
{
    close();
    window = std::make_unique<MainWindow>(services, *appearance);
    window->resize(size);
    window->show();
    window->activateWindow();
    EXPECT_TRUE(QTest::qWaitForWindowActive(window.get()));
    settle();
}

void WindowTest::close()
{
    if (window)
        window->close();
    window.reset();
}

void WindowTest::settle()
{
    session().flush();
    QApplication::processEvents();
    QApplication::processEvents();
}

void WindowTest::unfoldAll() const
{
    for (GroupHeading* heading : window->form().findChildren<GroupHeading*>())
        if (heading->isCheckable())
            heading->setChecked(true);
}

void WindowTest::type(const QString& key, const QString& text)
{
    ASSERT_TRUE(form().reveal(key)) << key.toStdString();
    QWidget* editor = QApplication::focusWidget();
    ASSERT_NE(editor, nullptr);
    QTest::keyClick(editor, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(editor, Qt::Key_Delete);
    QTest::keyClicks(editor, text);
    settle();
}

void WindowTest::press(int key, Qt::KeyboardModifiers modifiers)
{
    QWidget* focus = QApplication::focusWidget();
    QTest::keyClick(focus != nullptr ? focus : window.get(), static_cast<Qt::Key>(key), modifiers);
    settle();
}

void WindowTest::trigger(const QString& action)
{
    if (auto* found = find<QAction>(action))
        found->trigger();
    settle();
}

QString WindowTest::messageText() const
{
    const auto* text = window->findChild<QLabel*>(u"message.text"_s);
    return text != nullptr && text->isVisible() ? text->text() : QString();
}

QString WindowTest::noteOf(const QString& key) const
{
    const auto* note = window->findChild<QLabel*>(key + u".note"_s);
    return note != nullptr && note->isVisibleTo(window.get()) ? note->text() : QString();
}

QString WindowTest::write(const QString& name, const QByteArray& bytes) const
{
    QString path = folder.filePath(name);
    QFile file(path);
    EXPECT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(bytes);
    return path;
}

} // namespace weighbridge::test
