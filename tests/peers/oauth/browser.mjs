// A browser without script: cookies, one page, one button. The person in it has logged in already.
export class Browser {
  constructor(login) {
    this.cookies = new Map([login.split('=')])
  }

  async fetch(url, options = {}) {
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ')
    const response = await fetch(url, { ...options, redirect: 'manual', headers: { ...options.headers, cookie } })
    for (const set of response.headers.getSetCookie()) {
      const [name, value] = set.split(';')[0].split('=')
      this.cookies.set(name, value)
    }
    return response
  }

  // Where the person is sent after pressing that button on the page at that address.
  async decide(url, decision) {
    const page = await this.fetch(url)
    if (page.status !== 200) return { status: page.status, location: page.headers.get('location') }
    const hidden = [...(await page.text()).matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)]
    const body = new URLSearchParams([...hidden.map(([, name, value]) => [name, value]), ['decision', decision]])
    const answer = await this.fetch(new URL('/oauth/authorize', url), {
      method: 'POST', body, headers: { 'sec-fetch-site': 'same-origin' },
    })
    return { status: answer.status, location: answer.headers.get('location') }
  }
}
