import { mount } from 'svelte'
import { theme } from '../theme/theme.svelte'
import '../theme/theme.css'
import App from './App.svelte'

theme.begin()
mount(App, { target: document.getElementById('app')! })
